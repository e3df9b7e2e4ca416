/**
 * Refused invocations and starts of executions by function and state machine, by reason or by all, the most frequent
 * first. Takes no locks. Parameters: account, region, from, before, whether functions and state machines and whether
 * reasons are told apart, how many groups.
 *
 * The partitions of other days are not looked at: they are cut by the time.
 */
export const selectThrottleCounts = {
  name: 'select_throttle_counts',
  text: `
    SELECT CASE WHEN $5 THEN function_name END AS "functionName",
           CASE WHEN $5 THEN state_machine_name END AS "stateMachineName",
           CASE WHEN $6 THEN reason END AS reason, count(*)::int AS count
    FROM throttle_event
    WHERE account_id = $1 AND region = $2 AND timestamp >= $3 AND timestamp < coalesce($4::timestamptz, 'infinity')
    GROUP BY 1, 2, 3
    ORDER BY 4 DESC, 1, 2, 3
    LIMIT $7`,
} as const
