import { isoTime, rowsStatement } from '../../../db/unnest.ts'
import type { ExecutionEventRow } from '../executionEntry.ts'

/**
 * Adds to histories. Behind the fence of moveExecutions.ts, one commit after the other: whoever sees an event of an
 * execution has seen, or can see, all before it.
 */
export const insertExecutionEvents = rowsStatement<ExecutionEventRow>(
  'insert_execution_events',
  [
    { name: 'execution_id', type: 'uuid', of: (row) => row.executionId },
    { name: 'id', type: 'int', of: (row) => row.id },
    { name: 'previous_event_id', type: 'int', of: (row) => row.previousEventId },
    { name: 'type', type: 'text', of: (row) => row.type },
    { name: 'timestamp', type: 'timestamptz', of: (row) => isoTime(row.timestampMs) },
    { name: 'details', type: 'text', of: (row) => (row.details === null ? null : JSON.stringify(row.details)) },
    { name: 'invocation_id', type: 'uuid', of: (row) => row.invocationId ?? null },
  ],
  (rows, names) => `INSERT INTO execution_event (${names}) SELECT ${names} FROM ${rows} ORDER BY ordinality`,
)
