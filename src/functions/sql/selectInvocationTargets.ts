import { type Column, rowsStatement } from '../../db/unnest.ts'
import type { RecursiveLoop } from '../../model/lineage.ts'
import type { Scope } from '../../model/records.ts'
import type { FunctionOwner } from '../functionRecords.ts'
import { VERSION_COLUMNS } from './versionColumns.ts'

const TARGET_COLUMNS = `
  input.ordinality::int AS question,
  f.id AS "ownerId", f.account_id AS "ownerAccountId", f.region AS "ownerRegion", f.name AS "ownerName",
  f.recursive_loop AS "recursiveLoop",
  a.version_number AS "mainNumber", a.additional_number AS "additionalNumber",
  a.additional_weight AS "additionalWeight", ${VERSION_COLUMNS}`

const TARGET_JOINS = `
  LEFT JOIN alias a ON a.function_id = f.id AND a.name = input.alias
  LEFT JOIN function_version v
    ON v.function_id = f.id AND v.number IN (input.number, a.version_number, a.additional_number)`

/** What a qualifier stands for: an alias's name or a version's number, the other null. */
export interface Target {
  readonly alias: string | null
  readonly number: number | null
}

/** A target of a function that was named. */
export interface NamedTarget extends Target {
  readonly scope: Scope
  readonly name: string
}

/** A target of a function whose invocation has waited. */
export interface QueuedTarget extends Target {
  readonly functionId: string
}

/** A function, perhaps an alias, perhaps a version. */
export interface TargetRow extends FunctionOwner {
  /** Which of the questions it answers, from 1. */
  readonly question: number
  readonly ownerId: string
  readonly ownerAccountId: string
  readonly ownerRegion: string
  readonly ownerName: string
  readonly recursiveLoop: RecursiveLoop
  /** Null unless the qualifier is an alias. */
  readonly mainNumber: number | null
  readonly additionalNumber: number | null
  readonly additionalWeight: number | null
  readonly id: string | null
  readonly number: number | null
}

const TARGET: readonly Column<Target>[] = [
  { name: 'alias', type: 'text', of: ({ alias }) => alias },
  { name: 'number', type: 'int', of: ({ number }) => number },
]

/**
 * Everything that invocations need to know of their functions, in one statement.
 *
 * `question` counts from 1. One row per version that may run (two for a weighted alias), one row without a version where
 * there is none, none where there is no function. Reads without a lock: one statement sees one moment, so an alias is
 * never seen with the versions of another moment, and what changes after it counts for the next invocation.
 */
export const selectInvocationTargets = rowsStatement<NamedTarget, TargetRow>(
  'select_invocation_targets',
  [
    ...TARGET,
    { name: 'account_id', type: 'bpchar', of: ({ scope }) => scope.accountId },
    { name: 'region', type: 'text', of: ({ scope }) => scope.region },
    { name: 'name', type: 'text', of: ({ name }) => name },
  ],
  (questions) => `
    SELECT ${TARGET_COLUMNS}
    FROM ${questions}
    JOIN function f ON f.account_id = input.account_id AND f.region = input.region AND f.name = input.name
    ${TARGET_JOINS}`,
)

/** The same by the functions' ids, for invocations that have waited. Reads without a lock, as above. */
export const selectQueuedTargets = rowsStatement<QueuedTarget, TargetRow>(
  'select_queued_targets',
  [...TARGET, { name: 'function_id', type: 'uuid', of: ({ functionId }) => functionId }],
  (questions) => `
    SELECT ${TARGET_COLUMNS}
    FROM ${questions}
    JOIN function f ON f.id = input.function_id
    ${TARGET_JOINS}`,
)
