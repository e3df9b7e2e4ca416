/** The concurrency limit of an account in a region; no row means the default. Takes no locks. */
export const selectAccountLimit = {
  name: 'select_account_limit',
  text: 'SELECT concurrent_executions FROM account_region WHERE account_id = $1 AND region = $2',
} as const
