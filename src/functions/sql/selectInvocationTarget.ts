import { VERSION_COLUMNS } from './versionColumns.ts'

const TARGET_COLUMNS = `
  f.id AS "ownerId", f.account_id AS "ownerAccountId", f.region AS "ownerRegion", f.name AS "ownerName",
  f.recursive_loop AS "recursiveLoop",
  a.version_number AS "mainNumber", a.additional_number AS "additionalNumber",
  a.additional_weight AS "additionalWeight", ${VERSION_COLUMNS}`

const TARGET_JOINS = `
  LEFT JOIN alias a ON a.function_id = f.id AND a.name = $1
  LEFT JOIN function_version v
    ON v.function_id = f.id AND v.number IN ($2::int, a.version_number, a.additional_number)`

/**
 * Everything that an invocation needs to know of its function, in one statement. Values: name of the alias or null,
 * number of the version or null, account, region, name of the function.
 *
 * One row per version that may run (two for a weighted alias), one row without a version where there is none, none
 * where there is no function. Reads without a lock: one statement sees one moment, so an alias is never seen with the
 * versions of another moment, and what changes after it counts for the next invocation.
 */
export const selectInvocationTarget = {
  name: 'select-invocation-target',
  text: `
    SELECT ${TARGET_COLUMNS}
    FROM function f
    ${TARGET_JOINS}
    WHERE f.account_id = $3 AND f.region = $4 AND f.name = $5`,
} as const

/**
 * The same by the function's id, for invocations that have waited. Values: name of the alias or null, number of the
 * version or null, id of the function. Reads without a lock, as above.
 */
export const selectQueuedTarget = {
  name: 'select-queued-target',
  text: `
    SELECT ${TARGET_COLUMNS}
    FROM function f
    ${TARGET_JOINS}
    WHERE f.id = $3`,
} as const
