import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { NewInvocationKey } from '../journalEntry.ts'

/**
 * Takes idempotency keys for invocations, and returns the ids of the invocations that got theirs.
 *
 * Locks: a key that another transaction has just taken is waited for until that commits. Rows come in the order in which
 * they were written, so two nodes that take the same two keys can wait for each other: PostgreSQL ends one, which the
 * group commit tries again.
 */
export const insertKeys = rowsStatement<NewInvocationKey, { id: string }>(
  'insert_keys',
  [
    { name: 'function_id', type: 'uuid', of: (row) => row.functionId },
    { name: 'key', type: 'text', of: (row) => row.key },
    { name: 'input_sha256', type: 'bytea', of: (row) => `\\x${row.inputSha256}` },
    { name: 'invocation_id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'node_id', type: 'uuid', of: (row) => row.nodeId },
    { name: 'created_at', type: 'timestamptz', of: (row) => isoTime(row.createdAtMs) },
  ],
  (rows, names) => `
    INSERT INTO invocation_key (${names}) SELECT ${names} FROM ${rows}
    ON CONFLICT (function_id, key) DO NOTHING
    RETURNING invocation_id AS id`,
)
