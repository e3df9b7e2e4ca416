import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { ThrottleRow } from '../../invocations/journalEntry.ts'

/** Appends throttle events; the sequence follows the order of the rows. Locks nothing but its own rows. */
export const insertThrottleEvents = rowsStatement<ThrottleRow>(
  'insert_throttle_events',
  [
    { name: 'account_id', type: 'bpchar', of: (row) => row.scope.accountId },
    { name: 'region', type: 'text', of: (row) => row.scope.region },
    { name: 'timestamp', type: 'timestamptz', of: (row) => isoTime(row.timestampMs) },
    { name: 'function_id', type: 'uuid', of: (row) => row.functionId },
    { name: 'function_name', type: 'text', of: (row) => row.functionName },
    { name: 'version_number', type: 'int', of: (row) => row.versionNumber },
    { name: 'invocation_id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'invocation_type', type: 'text', of: (row) => row.invocationType },
    { name: 'reason', type: 'text', of: (row) => row.reason },
    { name: '"limit"', type: 'int', of: (row) => row.limit },
  ],
  (rows, names) => `INSERT INTO throttle_event (${names}) SELECT ${names} FROM ${rows} ORDER BY ordinality`,
)
