/**
 * Dead letters of a function with what is needed to send them again, oldest first. Takes no locks: who takes them off
 * the list decides. Parameters: function id, request ids or null for all, how many.
 */
export const selectDeadLetters = {
  name: 'select_dead_letters',
  text: `
    SELECT invocation.id, invocation.qualifier, invocation.payload, invocation.client_context
    FROM dead_letter JOIN invocation ON invocation.id = dead_letter.invocation_id
    WHERE dead_letter.function_id = $1 AND ($2::uuid[] IS NULL OR dead_letter.invocation_id = ANY($2))
    ORDER BY dead_letter.invocation_id
    LIMIT $3`,
} as const

/** A row as it is returned. */
export interface DeadLetterRow {
  readonly id: string
  readonly qualifier: string | null
  readonly payload: string
  readonly client_context: string | null
}
