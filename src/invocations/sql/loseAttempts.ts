import { rowsStatement } from '../../db/unnest.ts'

/**
 * Marks attempts as lost whose node is gone. An attempt that had not yet been written when its node died has no row,
 * and gets none. Comes in the transaction that ends the dead node's lease, or from that node when it was not dead and
 * finds its lease gone: the number of an attempt is one lease's, and nobody else writes it.
 */
export const loseAttempts = rowsStatement<{ readonly invocationId: string; readonly number: number }>(
  'lose_attempts',
  [
    { name: 'invocation_id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'number', type: 'int', of: (row) => row.number },
  ],
  (rows) => `
    UPDATE attempt SET outcome = 'LOST' FROM ${rows}
    WHERE attempt.invocation_id = input.invocation_id AND attempt.number = input.number AND attempt.outcome = 'RUNNING'`,
)
