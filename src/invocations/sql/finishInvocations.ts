import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { FinishedInvocation } from '../journalEntry.ts'

/**
 * Writes the outcome of asynchronous invocations. Locks the rows by their ids; only the holder of the queue's lease
 * comes here, in the transaction that ends the lease, so two never meet.
 */
export const finishInvocations = rowsStatement<FinishedInvocation>(
  'finish_invocations',
  [
    { name: 'id', type: 'uuid', of: (row) => row.id },
    { name: 'executed_version', type: 'int', of: (row) => row.executedVersion },
    { name: 'status', type: 'text', of: (row) => row.status },
    { name: 'finished_at', type: 'timestamptz', of: (row) => isoTime(row.finishedAtMs) },
    { name: 'result', type: 'text', of: (row) => row.result },
    { name: 'function_error', type: 'text', of: (row) => row.functionError },
    { name: 'condition', type: 'text', of: (row) => row.condition },
  ],
  (rows) => `
    UPDATE invocation
    SET executed_version = input.executed_version, status = input.status, finished_at = input.finished_at,
        result = input.result, function_error = input.function_error, condition = input.condition
    FROM ${rows}
    WHERE invocation.id = input.id`,
)
