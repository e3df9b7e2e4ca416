/**
 * Locks the limits of an account in a region until the transaction ends, and returns the limit. Values: account,
 * region. The row is made where there is none.
 *
 * Taken by reservations and provisioned concurrency only, always behind the lock of their function: two of them wait
 * for each other here, so that together they cannot take what only one of them may have, and never in a circle. What
 * the others hold is read by a statement of its own behind this one (see selectHeldByOthers.ts): a statement that has
 * waited for a lock still sees, in all rows but the locked one, what was there before it waited.
 */
export const lockAccountRegion = {
  name: 'lock-account-region',
  text: `
    INSERT INTO account_region (account_id, region) VALUES ($1, $2)
    ON CONFLICT (account_id, region) DO UPDATE SET region = excluded.region
    RETURNING concurrent_executions AS "concurrentExecutions"`,
} as const
