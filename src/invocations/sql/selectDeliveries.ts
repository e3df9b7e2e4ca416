/** The deliveries of invocations, in the order in which they came to be. Takes no locks. */
export const selectDeliveries = {
  name: 'select_deliveries',
  text: `
    SELECT id, invocation_id, purpose, target_arn, status, tries, last_error, created_at, ended_at,
           CASE WHEN status = 'PENDING' THEN due_at END AS due_at
    FROM delivery
    WHERE invocation_id = ANY($1::uuid[])
    ORDER BY invocation_id, id`,
} as const
