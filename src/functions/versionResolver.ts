import type { Pool } from 'pg'
import { PlatformFault } from '../errors.ts'
import { chooseVersion } from '../model/aliasRules.ts'
import { functionArn } from '../model/functionArn.ts'
import { parseFunctionReference, qualifierTarget } from '../model/functionReference.ts'
import type { VersionRecord } from '../model/records.ts'
import type { ResolvedVersion, VersionResolver } from './contract.ts'
import { functionNotFound, wrongState } from './functionFaults.ts'
import { environmentSpec, type FunctionOwner, type VersionRow, versionRecord } from './functionRecords.ts'
import type { RuntimePreparation } from './runtimePreparation.ts'
import { selectInvocationTarget, selectQueuedTarget } from './sql/selectInvocationTarget.ts'

/** What resolving needs. */
export interface VersionResolverOptions {
  readonly pool: Pool
  readonly preparation: RuntimePreparation
}

/** A row of the statement: a function, perhaps an alias, perhaps a version. */
interface TargetRow extends FunctionOwner {
  readonly ownerId: string
  readonly ownerAccountId: string
  readonly ownerRegion: string
  readonly ownerName: string
  /** Null unless the qualifier is an alias. */
  readonly mainNumber: number | null
  readonly additionalNumber: number | null
  readonly additionalWeight: number | null
  readonly id: string | null
  readonly number: number | null
}

/** Finds versions with one statement each, and with one more for each time that a version was PENDING. */
export function createVersionResolver({ pool, preparation }: VersionResolverOptions): VersionResolver {
  /** Reads until the version is not PENDING; what it waits for is the runtime on this very machine. */
  async function whenPrepared(read: () => Promise<VersionRecord | null>): Promise<VersionRecord | null> {
    for (;;) {
      const version = await read()
      if (version?.state !== 'PENDING') return version
      await preparation.finish(version.runtime)
    }
  }

  return {
    async resolve(scope, functionReference, givenQualifier, random) {
      const reference = parseFunctionReference(scope, functionReference, givenQualifier, 'NamespacedFunctionName')
      const { name, qualifier } = reference
      const target = targetValues(qualifier)
      const version = await whenPrepared(async () => {
        const values = [...target, scope.accountId, scope.region, name]
        const { rows } = await pool.query<TargetRow>({ ...selectInvocationTarget, values })
        // AWS names the version that was meant even where there is no function (recorded facts, no. 77).
        if (rows.length === 0) throw functionNotFound(scope, name, qualifier ?? '$LATEST')
        return chosen(rows, random)
      })
      if (version === null) throw functionNotFound(scope, name, qualifier)
      return resolved(version, qualifier)
    },

    async resolveQueued(functionId, qualifier, pinnedNumber, random) {
      const target = pinnedNumber === null ? targetValues(qualifier) : [null, pinnedNumber]
      const version = await whenPrepared(async () => {
        const { rows } = await pool.query<TargetRow>({ ...selectQueuedTarget, values: [...target, functionId] })
        return chosen(rows, random)
      })
      return version === null ? null : resolved(version, qualifier)
    },
  }
}

/** The first two values of the statements: an alias's name or a version's number, the other null. */
function targetValues(qualifier: string | null): (string | number | null)[] {
  const target = qualifierTarget(qualifier)
  return target.kind === 'ALIAS' ? [target.name, null] : [null, target.number]
}

/** The version among the rows that runs, or null where there is none. */
function chosen(rows: readonly TargetRow[], random: number): VersionRecord | null {
  const versions = rows.filter(isVersion)
  const [first] = versions
  if (first === undefined) return null
  if (first.mainNumber === null) return versionRecord(first, first)
  const { mainNumber, additionalNumber, additionalWeight } = first
  const number = chooseVersion({ versionNumber: mainNumber, additionalNumber, additionalWeight }, random)
  const version = versions.find((row) => row.number === number)
  if (version === undefined) throw new PlatformFault(`version ${number} of function ${first.ownerId} is missing`)
  return versionRecord(version, version)
}

function isVersion(row: TargetRow): row is TargetRow & VersionRow {
  return row.id !== null
}

function resolved(version: VersionRecord, qualifier: string | null): ResolvedVersion {
  if (version.state === 'FAILED') throw wrongState('FAILED', version.stateReason)
  return {
    spec: environmentSpec(version),
    invokedFunctionArn: functionArn(version.scope, version.functionName, qualifier),
    qualifier,
  }
}
