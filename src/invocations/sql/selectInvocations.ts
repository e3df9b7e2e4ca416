/** Columns of an invocation as it is now: what waits and what runs is known by the queue, all else by the history. */
const COLUMNS = `
  invocation.id, invocation.account_id, invocation.region, invocation.function_id, invocation.function_name,
  invocation.type, invocation.qualifier, invocation.created_at, invocation.finished_at, invocation.payload,
  invocation.result, invocation.function_error,
  coalesce(invocation.executed_version, queued.version_number) AS executed_version,
  CASE WHEN invocation.status = 'QUEUED' AND queued.node_id IS NOT NULL THEN 'RUNNING' ELSE invocation.status END AS status`

const FROM = 'FROM invocation LEFT JOIN queued_invocation queued ON queued.id = invocation.id'

/** Invocations of an account by their ids. Takes no locks. */
export const selectInvocationsById = {
  name: 'select_invocations_by_id',
  text: `SELECT ${COLUMNS} ${FROM} WHERE invocation.id = ANY($1::uuid[]) AND invocation.account_id = $2`,
} as const

/** A page of a function's invocations, newest first. Parameters: function id, before which id, how many. */
export const selectInvocationsOfFunction = {
  name: 'select_invocations_of_function',
  text: `
    SELECT ${COLUMNS} ${FROM}
    WHERE invocation.function_id = $1 AND invocation.id < $2::uuid
    ORDER BY invocation.id DESC
    LIMIT $3`,
} as const
