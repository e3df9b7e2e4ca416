/**
 * One page of the aliases of each of many functions, in the order of names. Values: account, region, ids of the
 * functions, the name to go on behind (null: the first), rows per function.
 *
 * Reads without a lock, and walks the unique key (function, name): a page costs its rows, not those before.
 */
export const selectAliasPages = {
  name: 'select-alias-pages',
  text: `
    SELECT a.id, a.function_id AS "functionId", a.name AS "aliasName", a.version_number AS "versionNumber",
      a.additional_number AS "additionalNumber", a.additional_weight AS "additionalWeight", a.description,
      a.revision_id AS "revisionId", f.account_id AS "accountId", f.region, f.name
    FROM function f
    CROSS JOIN LATERAL (
      SELECT * FROM alias
      WHERE function_id = f.id AND ($4::text IS NULL OR name > $4)
      ORDER BY name
      LIMIT $5
    ) a
    WHERE f.account_id = $1 AND f.region = $2 AND f.id = ANY ($3::uuid[])
    ORDER BY a.function_id, a.name`,
} as const
