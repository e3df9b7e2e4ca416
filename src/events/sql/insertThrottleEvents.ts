import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { RefusedInvocation, RefusedStart, ThrottleRow } from '../../invocations/journalEntry.ts'

/** Appends throttle events; the sequence follows the order of the rows. Locks nothing but its own rows. */
export const insertThrottleEvents = rowsStatement<ThrottleRow>(
  'insert_throttle_events',
  [
    { name: 'account_id', type: 'bpchar', of: (row) => row.scope.accountId },
    { name: 'region', type: 'text', of: (row) => row.scope.region },
    { name: 'timestamp', type: 'timestamptz', of: (row) => isoTime(row.timestampMs) },
    { name: 'function_id', type: 'uuid', of: (row) => invocationOf(row)?.functionId ?? null },
    { name: 'function_name', type: 'text', of: (row) => invocationOf(row)?.functionName ?? null },
    { name: 'invocation_id', type: 'uuid', of: (row) => invocationOf(row)?.invocationId ?? null },
    { name: 'invocation_type', type: 'text', of: (row) => invocationOf(row)?.invocationType ?? null },
    { name: 'state_machine_id', type: 'uuid', of: (row) => startOf(row)?.stateMachineId ?? null },
    { name: 'state_machine_name', type: 'text', of: (row) => startOf(row)?.stateMachineName ?? null },
    { name: 'execution_name', type: 'text', of: (row) => startOf(row)?.executionName ?? null },
    { name: 'version_number', type: 'int', of: (row) => row.refused.versionNumber },
    { name: 'reason', type: 'text', of: (row) => row.reason },
    { name: '"limit"', type: 'int', of: (row) => row.limit },
  ],
  (rows, names) => `INSERT INTO throttle_event (${names}) SELECT ${names} FROM ${rows} ORDER BY ordinality`,
)

function invocationOf({ refused }: ThrottleRow): RefusedInvocation | null {
  return refused.kind === 'INVOCATION' ? refused : null
}

function startOf({ refused }: ThrottleRow): RefusedStart | null {
  return refused.kind === 'EXECUTION' ? refused : null
}
