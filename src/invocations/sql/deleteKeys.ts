import { rowsStatement } from '../../db/unnest.ts'

/**
 * Gives idempotency keys back whose invocations came to nothing. Locks these rows; a key that has meanwhile been taken
 * for another invocation stays.
 */
export const deleteKeys = rowsStatement<{
  readonly functionId: string
  readonly key: string
  readonly invocationId: string
}>(
  'delete_keys',
  [
    { name: 'function_id', type: 'uuid', of: (row) => row.functionId },
    { name: 'key', type: 'text', of: (row) => row.key },
    { name: 'invocation_id', type: 'uuid', of: (row) => row.invocationId },
  ],
  (rows) => `
    DELETE FROM invocation_key USING ${rows}
    WHERE invocation_key.function_id = input.function_id AND invocation_key.key = input.key
      AND invocation_key.invocation_id = input.invocation_id`,
)
