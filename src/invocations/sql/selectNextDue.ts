/** When the next waiting invocation is due: one step into the partial index. Null when none waits. Takes no locks. */
export const selectNextDue = {
  name: 'select_next_due',
  text: 'SELECT min(due_at) AS due_at FROM queued_invocation WHERE node_id IS NULL',
} as const
