/**
 * What functions other than the given one are guaranteed in an account and region: what they have reserved, or else
 * their provisioned concurrency. Values: account, region, function id.
 *
 * Takes no locks: to be read behind lockAccountRegion, which whoever changes these numbers holds.
 */
export const selectHeldByOthers = {
  name: 'select-held-by-others',
  text: `
    SELECT (coalesce((
        SELECT sum(reserved_concurrency) FROM function
        WHERE account_id = $1 AND region = $2 AND id <> $3::uuid AND reserved_concurrency IS NOT NULL
      ), 0) + coalesce((
        SELECT sum(config.requested)
        FROM provisioned_concurrency_config config JOIN function ON function.id = config.function_id
        WHERE account_id = $1 AND region = $2 AND id <> $3::uuid AND reserved_concurrency IS NULL
      ), 0))::int AS "heldByOthers"`,
} as const
