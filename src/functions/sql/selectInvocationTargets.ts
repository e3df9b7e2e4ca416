import { VERSION_COLUMNS } from './versionColumns.ts'

const TARGET_COLUMNS = `
  q.question::int AS question,
  f.id AS "ownerId", f.account_id AS "ownerAccountId", f.region AS "ownerRegion", f.name AS "ownerName",
  f.recursive_loop AS "recursiveLoop",
  a.version_number AS "mainNumber", a.additional_number AS "additionalNumber",
  a.additional_weight AS "additionalWeight", ${VERSION_COLUMNS}`

const TARGET_JOINS = `
  LEFT JOIN alias a ON a.function_id = f.id AND a.name = q.alias
  LEFT JOIN function_version v
    ON v.function_id = f.id AND v.number IN (q.number, a.version_number, a.additional_number)`

/**
 * Everything that invocations need to know of their functions, in one statement. Values, each an array with one element
 * a question: names of aliases or null, numbers of versions or null, accounts, regions, names of functions.
 *
 * `question` counts from 1. One row per version that may run (two for a weighted alias), one row without a version where
 * there is none, none where there is no function. Reads without a lock: one statement sees one moment, so an alias is
 * never seen with the versions of another moment, and what changes after it counts for the next invocation.
 */
export const selectInvocationTargets = {
  name: 'select-invocation-targets',
  text: `
    SELECT ${TARGET_COLUMNS}
    FROM unnest($1::text[], $2::int[], $3::bpchar[], $4::text[], $5::text[])
      WITH ORDINALITY AS q (alias, number, account_id, region, name, question)
    JOIN function f ON f.account_id = q.account_id AND f.region = q.region AND f.name = q.name
    ${TARGET_JOINS}`,
} as const

/**
 * The same by the functions' ids, for invocations that have waited. Values: names of aliases or null, numbers of versions
 * or null, ids of functions. Reads without a lock, as above.
 */
export const selectQueuedTargets = {
  name: 'select-queued-targets',
  text: `
    SELECT ${TARGET_COLUMNS}
    FROM unnest($1::text[], $2::int[], $3::uuid[]) WITH ORDINALITY AS q (alias, number, function_id, question)
    JOIN function f ON f.id = q.function_id
    ${TARGET_JOINS}`,
} as const
