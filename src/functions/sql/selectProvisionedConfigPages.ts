/**
 * One page of the provisioned concurrency configs of each of many functions, in the order of their qualifiers. Values:
 * account, region, ids of the functions, the qualifier to go on behind (null: the first), rows per function.
 *
 * Reads without a lock, and walks the primary key (function, qualifier): a page costs its rows, not those before.
 */
export const selectProvisionedConfigPages = {
  name: 'select-provisioned-config-pages',
  text: `
    SELECT c.function_id AS "functionId", c.qualifier, c.requested, c.last_modified AS "lastModified", c.status,
      c.status_reason AS "statusReason", c.allocated, c.available, f.account_id AS "accountId", f.region, f.name
    FROM function f
    CROSS JOIN LATERAL (
      SELECT * FROM provisioned_concurrency_config
      WHERE function_id = f.id AND ($4::text IS NULL OR qualifier > $4)
      ORDER BY qualifier
      LIMIT $5
    ) c
    WHERE f.account_id = $1 AND f.region = $2 AND f.id = ANY ($3::uuid[])
    ORDER BY c.function_id, c.qualifier`,
} as const
