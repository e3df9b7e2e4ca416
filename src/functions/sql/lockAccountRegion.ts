/**
 * Locks the limits of an account in a region until the transaction ends, and returns the limit and what functions other
 * than the given one have reserved. Values: account, region, function id. The row is made where there is none.
 *
 * Taken by reservations only, always behind the lock of their function and before no other: two reservations wait for
 * each other here, so that together they cannot take what only one of them may have, and never in a circle.
 */
export const lockAccountRegion = {
  name: 'lock-account-region',
  text: `
    WITH locked AS (
      INSERT INTO account_region (account_id, region) VALUES ($1, $2)
      ON CONFLICT (account_id, region) DO UPDATE SET region = excluded.region
      RETURNING concurrent_executions
    )
    SELECT locked.concurrent_executions AS "concurrentExecutions",
           coalesce((
             SELECT sum(reserved_concurrency) FROM function
             WHERE account_id = $1 AND region = $2 AND id <> $3::uuid AND reserved_concurrency IS NOT NULL
           ), 0)::int AS "reservedByOthers"
    FROM locked`,
} as const
