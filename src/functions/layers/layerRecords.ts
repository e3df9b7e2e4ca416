import type { LayerRecord, LayerVersionRecord } from '../../model/layer.ts'
import type { ArchitectureName } from '../../model/records.ts'
import { type FunctionOwner, knownRuntime } from '../functionRecords.ts'

/** A row of `layer_version` with its layer, by the statements of `sql/`. */
export interface LayerVersionRow extends FunctionOwner {
  readonly id: string
  readonly layerId: string
  readonly number: number
  readonly description: string
  readonly compatibleRuntimes: readonly string[]
  readonly compatibleArchitectures: readonly string[]
  readonly licenseInfo: string | null
  readonly codeSha256: Uint8Array
  readonly codeSizeBytes: number
  readonly createdAt: Date
}

/** A layer version as the rest of the service knows it. */
export function layerVersionRecord({ accountId, region, name, ...row }: LayerVersionRow): LayerVersionRecord {
  return {
    ...row,
    scope: { accountId, region },
    layerName: name,
    compatibleRuntimes: row.compatibleRuntimes.map(knownRuntime),
    compatibleArchitectures: row.compatibleArchitectures as readonly ArchitectureName[],
    codeSha256: Buffer.from(row.codeSha256).toString('hex'),
  }
}

/** A layer by the version of it that stands for all. */
export function layerRecord(row: LayerVersionRow): LayerRecord {
  const latest = layerVersionRecord(row)
  return { id: latest.layerId, scope: latest.scope, name: latest.layerName, latest }
}
