import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { NewDeadLetter } from '../journalEntry.ts'

/**
 * Lists invocations that failed for good. Locks nothing but its own rows: only the holder of an invocation's lease comes
 * here, in the transaction that ends the lease.
 */
export const insertDeadLetters = rowsStatement<NewDeadLetter>(
  'insert_dead_letters',
  [
    { name: 'invocation_id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'function_id', type: 'uuid', of: (row) => row.functionId },
    { name: 'condition', type: 'text', of: (row) => row.condition },
    { name: 'created_at', type: 'timestamptz', of: (row) => isoTime(row.createdAtMs) },
  ],
  (rows, names) => `INSERT INTO dead_letter (${names}) SELECT ${names} FROM ${rows}`,
)
