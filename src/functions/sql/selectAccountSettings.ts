/**
 * Limits and use of an account in a region, always one row. Values: account, region. Takes no locks: the sums are those of
 * one moment.
 */
export const selectAccountSettings = {
  name: 'select-account-settings',
  text: `
    SELECT owned.concurrent_executions AS "concurrentExecutions",
           owned.concurrent_executions - reserved AS "unreservedConcurrentExecutions",
           functions AS "functionCount", code_size AS "usedCodeSizeBytes"
    FROM (
      SELECT coalesce((
        SELECT concurrent_executions FROM account_region WHERE account_id = $1 AND region = $2), 1000)
        AS concurrent_executions
    ) owned
    CROSS JOIN (
      SELECT count(*)::int AS functions, coalesce(sum(reserved_concurrency), 0)::int AS reserved
      FROM function WHERE account_id = $1 AND region = $2
    ) counted
    CROSS JOIN (
      SELECT coalesce(sum(v.code_size_bytes), 0)::bigint AS code_size
      FROM function_version v JOIN function f ON f.id = v.function_id WHERE f.account_id = $1 AND f.region = $2
    ) stored`,
} as const
