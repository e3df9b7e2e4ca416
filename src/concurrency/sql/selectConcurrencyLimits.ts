/**
 * The concurrency limit of an account in a region (null where the default holds) and what its functions have reserved,
 * as an object by function id. Takes no locks.
 */
export const selectConcurrencyLimits = {
  name: 'select_concurrency_limits',
  text: `
    SELECT
      (SELECT concurrent_executions FROM account_region WHERE account_id = $1 AND region = $2) AS concurrent_executions,
      (SELECT jsonb_object_agg(id, reserved_concurrency) FROM function
       WHERE account_id = $1 AND region = $2 AND reserved_concurrency IS NOT NULL) AS reserved`,
} as const
