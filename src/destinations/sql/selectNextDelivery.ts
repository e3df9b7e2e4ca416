/** When the next delivery is due; null where none is pending. Takes no locks. */
export const selectNextDelivery = {
  name: 'select_next_delivery',
  text: `SELECT min(due_at) AS due_at FROM delivery WHERE status = 'PENDING'`,
} as const
