import { isoTime, rowsStatement } from '../../db/unnest.ts'

/**
 * Ends deliveries that their targets have taken, and returns the ids of those that were still pending: of two that did
 * the same delivery, only one goes on.
 *
 * Locks: the rows by their ids. Who comes second waits for the first and then finds the row not pending.
 */
export const completeDeliveries = rowsStatement<{ readonly id: string; readonly atMs: number }, { id: string }>(
  'complete_deliveries',
  [
    { name: 'id', type: 'uuid', of: (row) => row.id },
    { name: 'ended_at', type: 'timestamptz', of: (row) => isoTime(row.atMs) },
  ],
  (rows) => `
    UPDATE delivery SET status = 'DELIVERED', ended_at = input.ended_at, last_error = NULL
    FROM ${rows}
    WHERE delivery.id = input.id AND delivery.status = 'PENDING'
    RETURNING delivery.id`,
)
