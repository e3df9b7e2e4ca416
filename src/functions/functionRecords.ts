import type { EnvironmentSpec } from '../environments/contract.ts'
import { PlatformFault } from '../errors.ts'
import { execWrapperOf } from '../model/execWrapper.ts'
import type { UsedLayer } from '../model/layer.ts'
import type { RecursiveLoop } from '../model/lineage.ts'
import type {
  AliasRecord,
  ArchitectureName,
  FunctionRecord,
  FunctionState,
  NetworkAccess,
  Scope,
  VersionRecord,
} from '../model/records.ts'
import { RUNTIME_IDENTIFIERS, type RuntimeIdentifier } from '../model/runtime.ts'

/** What a row needs of its function to become a record. */
export interface FunctionOwner extends Scope {
  readonly name: string
}

/** A row of `function_version`, by Prisma or by the statements of `sql/`. */
export interface VersionRow {
  readonly id: string
  readonly functionId: string
  readonly number: number
  readonly description: string
  readonly runtime: string
  readonly handler: string
  readonly memoryMiB: number
  readonly timeoutSeconds: number
  readonly ephemeralStorageMiB: number
  readonly networkAccess: string
  readonly environment: unknown
  readonly architecture: string
  readonly codeSha256: Uint8Array
  readonly codeSizeBytes: number
  readonly layers: unknown
  readonly revisionId: string
  readonly state: FunctionState
  readonly stateReason: string | null
  readonly lastModified: Date
  readonly deadLetterTargetArn: string | null
}

/** A row of `function` with its version 0. */
export interface FunctionRow extends FunctionOwner {
  readonly id: string
  readonly tags: unknown
  readonly reservedConcurrency: number | null
  readonly recursiveLoop: string
  readonly createdAt: Date
  readonly versions: readonly VersionRow[]
}

/** A row of `alias`. */
export interface AliasRow {
  readonly id: string
  readonly functionId: string
  readonly name: string
  readonly versionNumber: number
  readonly additionalNumber: number | null
  readonly additionalWeight: number | null
  readonly description: string
  readonly revisionId: string
}

/** What to read with a function: its `$LATEST`. */
export const WITH_LATEST = { versions: { where: { number: 0 } } } as const

/** What to read with a version or alias: whose it is. */
export const WITH_OWNER = { function: { select: { accountId: true, region: true, name: true } } } as const

/** A version as the rest of the service knows it; its variables in the order of their names. */
export function versionRecord(row: VersionRow, owner: FunctionOwner): VersionRecord {
  return {
    id: row.id,
    functionId: row.functionId,
    number: row.number,
    description: row.description,
    runtime: knownRuntime(row.runtime),
    handler: row.handler,
    memoryMiB: row.memoryMiB,
    timeoutSeconds: row.timeoutSeconds,
    ephemeralStorageMiB: row.ephemeralStorageMiB,
    networkAccess: row.networkAccess as NetworkAccess,
    environment: sorted(row.environment),
    architecture: row.architecture as ArchitectureName,
    codeSha256: Buffer.from(row.codeSha256).toString('hex'),
    codeSizeBytes: row.codeSizeBytes,
    // Written by this service alone, from records of this type.
    layers: row.layers as readonly UsedLayer[],
    revisionId: row.revisionId,
    state: row.state,
    stateReason: row.stateReason,
    lastModified: row.lastModified,
    deadLetterTargetArn: row.deadLetterTargetArn,
    scope: scopeOf(owner),
    functionName: owner.name,
  }
}

/** A function as the rest of the service knows it; its labels in the order of their keys. */
export function functionRecord(row: FunctionRow): FunctionRecord {
  const latest = row.versions.find(({ number }) => number === 0)
  if (latest === undefined) throw new PlatformFault(`the function ${row.id} has no $LATEST`)
  return {
    id: row.id,
    scope: scopeOf(row),
    name: row.name,
    tags: sorted(row.tags),
    reservedConcurrency: row.reservedConcurrency,
    recursiveLoop: row.recursiveLoop as RecursiveLoop,
    createdAt: row.createdAt,
    latest: versionRecord(latest, row),
  }
}

/** An alias as the rest of the service knows it. */
export function aliasRecord(row: AliasRow, owner: FunctionOwner): AliasRecord {
  return {
    id: row.id,
    functionId: row.functionId,
    scope: scopeOf(owner),
    functionName: owner.name,
    name: row.name,
    versionNumber: row.versionNumber,
    additionalNumber: row.additionalNumber,
    additionalWeight: row.additionalWeight,
    description: row.description,
    revisionId: row.revisionId,
  }
}

/** By what environments of a version are pooled: its row and its revision. */
export function environmentKey(version: { readonly id: string; readonly revisionId: string }): string {
  return `${version.id}:${version.revisionId}`
}

/** What environments of a version are made of. */
export function environmentSpec(version: VersionRecord): EnvironmentSpec {
  return {
    key: environmentKey(version),
    scope: version.scope,
    functionId: version.functionId,
    functionName: version.functionName,
    versionNumber: version.number,
    runtime: version.runtime,
    handler: version.handler,
    architecture: version.architecture,
    memoryMiB: version.memoryMiB,
    timeoutMs: version.timeoutSeconds * 1000,
    ephemeralStorageMiB: version.ephemeralStorageMiB,
    networkAccess: version.networkAccess,
    environment: version.environment,
    codeSha256: version.codeSha256,
    layerSha256s: version.layers.map(({ codeSha256 }) => codeSha256),
    execWrapper: execWrapperOf(version.runtime, version.environment),
  }
}

function scopeOf({ accountId, region }: Scope): Scope {
  return { accountId, region }
}

// The table keeps names in an order of its own.
function sorted(values: unknown): Record<string, string> {
  const entries = Object.entries(values as Record<string, string>)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The runtime of a row. Throws a PlatformFault for one that only a newer service knows. */
export function knownRuntime(identifier: string): RuntimeIdentifier {
  const known = RUNTIME_IDENTIFIERS.find((runtime) => runtime === identifier)
  if (known === undefined) throw new PlatformFault(`the runtime ${identifier} is not known to this version of LambdaQL`)
  return known
}
