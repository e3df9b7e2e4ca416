/** Columns of an invocation as it is now: what waits and what runs is known by the queue, all else by the history. */
export const INVOCATION_COLUMNS = `
  invocation.id, invocation.account_id, invocation.region, invocation.function_id, invocation.function_name,
  invocation.type, invocation.qualifier, invocation.created_at, invocation.finished_at, invocation.payload,
  invocation.result, invocation.function_error, invocation.source, invocation.condition, invocation.redrive_of,
  invocation.redriven_as,
  coalesce(invocation.executed_version, queued.version_number) AS executed_version,
  CASE WHEN invocation.status = 'QUEUED' AND queued.node_id IS NOT NULL THEN 'RUNNING' ELSE invocation.status END AS status`

const FROM = 'FROM invocation LEFT JOIN queued_invocation queued ON queued.id = invocation.id'

/** Invocations of an account by their ids. Takes no locks. */
export const selectInvocationsById = {
  name: 'select_invocations_by_id',
  text: `SELECT ${INVOCATION_COLUMNS} ${FROM} WHERE invocation.id = ANY($1::uuid[]) AND invocation.account_id = $2`,
} as const

/**
 * The same page of the invocations of several functions, newest first. Takes no locks.
 * Parameters: function ids, account id, before which id, how many of each.
 */
export const selectInvocationPages = {
  name: 'select_invocation_pages',
  text: `
    SELECT page.*
    FROM unnest($1::uuid[]) AS owner(function_id)
    CROSS JOIN LATERAL (
      SELECT ${INVOCATION_COLUMNS} ${FROM}
      WHERE invocation.function_id = owner.function_id AND invocation.account_id = $2 AND invocation.id < $3::uuid
      ORDER BY invocation.id DESC
      LIMIT $4
    ) page`,
} as const
