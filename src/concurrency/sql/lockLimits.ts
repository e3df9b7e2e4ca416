/**
 * Locks the limits of an account in a region until the transaction ends and returns its concurrency limit. Parameters:
 * account, region. The row is made where there is none.
 *
 * The same lock as that of reservations and of limit changes (functions/sql/lockAccountRegion.ts): slices are handed out
 * by limits that nobody changes meanwhile, and by one node at a time. It is the first and only lock of an exchange but
 * for the slices themselves, which nobody touches without it.
 */
export const lockLimits = {
  name: 'lock_limits',
  text: `
    INSERT INTO account_region (account_id, region) VALUES ($1, $2)
    ON CONFLICT (account_id, region) DO UPDATE SET region = excluded.region
    RETURNING concurrent_executions`,
} as const
