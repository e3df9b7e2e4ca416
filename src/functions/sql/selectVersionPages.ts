import { VERSION_COLUMNS } from './versionColumns.ts'

/**
 * One page of the published versions of each of many functions, newest first. Values: account, region, ids of the
 * functions, the number to go on behind (null: the newest), rows per function.
 *
 * Reads without a lock, and walks the unique key (function, number) backwards: a page costs its rows, not those before.
 */
export const selectVersionPages = {
  name: 'select-version-pages',
  text: `
    SELECT ${VERSION_COLUMNS}
    FROM function f
    CROSS JOIN LATERAL (
      SELECT * FROM function_version
      WHERE function_id = f.id AND number > 0 AND ($4::int IS NULL OR number < $4)
      ORDER BY number DESC
      LIMIT $5
    ) v
    WHERE f.account_id = $1 AND f.region = $2 AND f.id = ANY ($3::uuid[])
    ORDER BY v.function_id, v.number DESC`,
} as const
