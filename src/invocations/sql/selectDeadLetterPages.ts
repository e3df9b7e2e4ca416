import { INVOCATION_COLUMNS } from './selectInvocations.ts'

/**
 * The same page of the dead letters of several functions, oldest first. Takes no locks.
 * Parameters: function ids, account id, behind which id, how many of each.
 */
export const selectDeadLetterPages = {
  name: 'select_dead_letter_pages',
  text: `
    SELECT page.*
    FROM unnest($1::uuid[]) AS owner(function_id)
    CROSS JOIN LATERAL (
      SELECT ${INVOCATION_COLUMNS}
      FROM dead_letter
      JOIN invocation ON invocation.id = dead_letter.invocation_id AND invocation.account_id = $2
      LEFT JOIN queued_invocation queued ON queued.id = invocation.id
      WHERE dead_letter.function_id = owner.function_id AND dead_letter.invocation_id > $3::uuid
      ORDER BY dead_letter.invocation_id
      LIMIT $4
    ) page`,
} as const
