/**
 * Notes that a try came to nothing: the delivery is due again, or has failed. Parameters: id, which try it was, status,
 * when it is due, when it ended, why.
 *
 * Locks: one row. A try that took longer than its time finds a higher number and changes nothing.
 */
export const refuseDelivery = {
  name: 'refuse_delivery',
  text: `
    UPDATE delivery SET status = $3, due_at = coalesce($4, due_at), ended_at = $5, last_error = $6
    WHERE id = $1 AND tries = $2 AND status = 'PENDING'`,
} as const
