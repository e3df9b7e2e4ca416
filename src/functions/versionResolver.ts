import type { Pool } from 'pg'
import { createJointReads, type JointReads } from '../db/jointReads.ts'
import { PlatformFault } from '../errors.ts'
import { chooseVersion } from '../model/aliasRules.ts'
import { functionArn } from '../model/functionArn.ts'
import { parseFunctionReference, qualifierTarget } from '../model/functionReference.ts'
import type { RecursiveLoop } from '../model/lineage.ts'
import type { VersionRecord } from '../model/records.ts'
import type { ResolvedVersion, VersionResolver } from './contract.ts'
import { functionNotFound, wrongState } from './functionFaults.ts'
import { environmentSpec, type VersionRow, versionRecord } from './functionRecords.ts'
import type { RuntimePreparation } from './runtimePreparation.ts'
import {
  type NamedTarget,
  type QueuedTarget,
  selectInvocationTargets,
  selectQueuedTargets,
  type Target,
  type TargetRow,
} from './sql/selectInvocationTargets.ts'

/** What resolving needs. */
export interface VersionResolverOptions {
  readonly pool: Pool
  readonly preparation: RuntimePreparation
}

/** Between them a name of any form stands alone. */
const SEPARATOR = '\n'
const LARGEST_READ = 500

/** What the rows of the statement come to. */
interface Chosen {
  readonly version: VersionRecord
  readonly recursiveLoop: RecursiveLoop
}

/**
 * Finds versions with one statement for all that are asked for together, and with one more for each time that a version
 * was PENDING. Remembers nothing: what was committed before the question counts.
 */
export function createVersionResolver({ pool, preparation }: VersionResolverOptions): VersionResolver {
  const named: JointReads<NamedTarget, readonly TargetRow[]> = createJointReads({
    keyOf: ({ alias, number, scope, name }) =>
      [alias, number, scope.accountId, scope.region, name].map(String).join(SEPARATOR),
    async read(questions) {
      return byQuestion(questions, (await pool.query<TargetRow>(selectInvocationTargets.withRows(questions))).rows)
    },
    largest: LARGEST_READ,
  })
  const queued: JointReads<QueuedTarget, readonly TargetRow[]> = createJointReads({
    keyOf: ({ alias, number, functionId }) => [alias, number, functionId].map(String).join(SEPARATOR),
    async read(questions) {
      return byQuestion(questions, (await pool.query<TargetRow>(selectQueuedTargets.withRows(questions))).rows)
    },
    largest: LARGEST_READ,
  })

  /** Reads until the version is not PENDING; what it waits for is the runtime on this very machine. */
  async function whenPrepared(read: () => Promise<Chosen | null>): Promise<Chosen | null> {
    for (;;) {
      const choice = await read()
      if (choice?.version.state !== 'PENDING') return choice
      await preparation.finish(choice.version.runtime)
    }
  }

  return {
    async resolve(scope, functionReference, givenQualifier, random) {
      const reference = parseFunctionReference(scope, functionReference, givenQualifier, 'NamespacedFunctionName')
      const { name, qualifier } = reference
      const target = targetOf(qualifier)
      const choice = await whenPrepared(async () => {
        const rows = await named.ask({ ...target, scope, name })
        // AWS names the version that was meant even where there is no function (recorded facts, no. 77).
        if (rows.length === 0) throw functionNotFound(scope, name, qualifier ?? '$LATEST')
        return chosen(rows, random)
      })
      if (choice === null) throw functionNotFound(scope, name, qualifier)
      return resolved(choice, qualifier)
    },

    async resolveQueued(functionId, qualifier, pinnedNumber, random) {
      const target = pinnedNumber === null ? targetOf(qualifier) : { alias: null, number: pinnedNumber }
      const choice = await whenPrepared(async () => chosen(await queued.ask({ ...target, functionId }), random))
      return choice === null ? null : resolved(choice, qualifier)
    },
  }
}

function targetOf(qualifier: string | null): Target {
  const target = qualifierTarget(qualifier)
  return target.kind === 'ALIAS' ? { alias: target.name, number: null } : { alias: null, number: target.number }
}

function byQuestion(questions: readonly Target[], rows: readonly TargetRow[]): readonly (readonly TargetRow[])[] {
  const answers: TargetRow[][] = questions.map(() => [])
  for (const row of rows) answers[row.question - 1]!.push(row)
  return answers
}

/** The version among the rows that runs, or null where there is none. */
function chosen(rows: readonly TargetRow[], random: number): Chosen | null {
  const versions = rows.filter(isVersion)
  const [first] = versions
  if (first === undefined) return null
  const { recursiveLoop } = first
  if (first.mainNumber === null) return { recursiveLoop, version: versionRecord(first, first) }
  const { mainNumber, additionalNumber, additionalWeight } = first
  const number = chooseVersion({ versionNumber: mainNumber, additionalNumber, additionalWeight }, random)
  const version = versions.find((row) => row.number === number)
  if (version === undefined) throw new PlatformFault(`version ${number} of function ${first.ownerId} is missing`)
  return { recursiveLoop, version: versionRecord(version, version) }
}

function isVersion(row: TargetRow): row is TargetRow & VersionRow {
  return row.id !== null
}

function resolved({ version, recursiveLoop }: Chosen, qualifier: string | null): ResolvedVersion {
  if (version.state === 'FAILED') throw wrongState('FAILED', version.stateReason)
  return {
    spec: environmentSpec(version),
    invokedFunctionArn: functionArn(version.scope, version.functionName, qualifier),
    qualifier,
    deadLetterTargetArn: version.deadLetterTargetArn,
    recursiveLoop,
  }
}
