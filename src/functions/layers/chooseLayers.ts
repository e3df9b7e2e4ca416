import type { Pool } from 'pg'
import { layerVersionArn, type UsedLayer } from '../../model/layer.ts'
import { parseLayerVersionArn, refuseTooManyLayers, usedLayers } from '../../model/layerRules.ts'
import type { Scope } from '../../model/records.ts'
import { selectUsableLayers } from '../sql/selectLayerVersions.ts'

interface UsableLayerRow {
  readonly name: string
  readonly number: number
  readonly codeSha256: Uint8Array
  readonly codeSizeBytes: number
  readonly unzippedSizeBytes: number
}

/**
 * The layers that a function is to have, by the ARNs of their versions, with one statement. Throws AWS's faults: more
 * than five, one that is not there, is another account's or another region's, two of the same layer.
 */
export async function chooseLayers(pool: Pool, scope: Scope, arns: readonly string[]): Promise<UsedLayer[]> {
  refuseTooManyLayers(arns)
  if (arns.length === 0) return []
  const own = arns
    .map(parseLayerVersionArn)
    .filter((reference) => reference !== null)
    .filter(({ arn, name, number }) => arn === layerVersionArn(scope, name, number))
  const values = [scope.accountId, scope.region, own.map(({ name }) => name), own.map(({ number }) => number)]
  const { rows } = await pool.query<UsableLayerRow>({ ...selectUsableLayers, values })
  const found = new Map(
    rows.map(({ name, number, codeSha256, ...sizes }): [string, UsedLayer] => {
      const arn = layerVersionArn(scope, name, number)
      return [arn, { layerVersionArn: arn, codeSha256: Buffer.from(codeSha256).toString('hex'), ...sizes }]
    }),
  )
  return usedLayers(scope, arns, found)
}
