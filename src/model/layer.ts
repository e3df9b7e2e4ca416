import type { ArchitectureName, Scope } from './records.ts'
import type { RuntimeIdentifier } from './runtime.ts'

/** A row of `layer_version`. It never changes, but for being deleted. */
export interface LayerVersionRecord {
  readonly id: string
  readonly layerId: string
  readonly scope: Scope
  readonly layerName: string
  /** From 1 on; never used again. */
  readonly number: number
  readonly description: string
  /** What its author says it is for; a function of another runtime may use it all the same, as on AWS. */
  readonly compatibleRuntimes: readonly RuntimeIdentifier[]
  readonly compatibleArchitectures: readonly ArchitectureName[]
  readonly licenseInfo: string | null
  /** SHA-256 of the zip archive, lower-case hexadecimal. */
  readonly codeSha256: string
  readonly codeSizeBytes: number
  readonly createdAt: Date
}

/** A layer that has at least one version which was not deleted. */
export interface LayerRecord {
  readonly id: string
  readonly scope: Scope
  readonly name: string
  /** The newest version; in a list with conditions, the newest of those that meet them. */
  readonly latest: LayerVersionRecord
}

/**
 * A layer version as a function has it. The function keeps all that it needs of it, so that deleting the layer version
 * takes nothing away from it.
 */
export interface UsedLayer {
  readonly layerVersionArn: string
  /** SHA-256 of the zip archive, lower-case hexadecimal. */
  readonly codeSha256: string
  readonly codeSizeBytes: number
  readonly unzippedSizeBytes: number
}

/** `arn:aws:lambda:<region>:<account>:layer:<name>`. */
export function layerArn({ region, accountId }: Scope, name: string): string {
  return `arn:aws:lambda:${region}:${accountId}:layer:${name}`
}

/** `arn:aws:lambda:<region>:<account>:layer:<name>:<number>`. */
export function layerVersionArn(scope: Scope, name: string, number: number): string {
  return `${layerArn(scope, name)}:${number}`
}
