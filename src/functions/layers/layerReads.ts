import type { LayerRecord } from '../../model/layer.ts'
import { parseLayerName } from '../../model/layerRules.ts'
import type { FunctionRoom } from '../functionRoom.ts'
import { pageOf, pagesByOwner } from '../pages.ts'
import type { FunctionServices } from '../services.ts'
import { selectLayer, selectLayers } from '../sql/selectLayers.ts'
import { selectLayerVersionPages, selectLayerVersions } from '../sql/selectLayerVersions.ts'
import { type LayerVersionRow, layerRecord, layerVersionRecord } from './layerRecords.ts'

type Reads = Pick<FunctionServices, 'getLayer' | 'listLayers' | 'layerVersionsByNumber' | 'layerVersionPages'>

/** What reads layers and changes nothing. */
export function createLayerReads({ pool }: Pick<FunctionRoom, 'pool'>): Reads {
  return {
    async getLayer(scope, reference): Promise<LayerRecord | null> {
      const name = parseLayerName(scope, reference, ['layerName'])
      if (name === null) return null
      const values = [scope.accountId, scope.region, name]
      const { rows } = await pool.query<LayerVersionRow>({ ...selectLayer, values })
      return rows[0] === undefined ? null : layerRecord(rows[0])
    },

    async listLayers({ accountId, region }, { compatibleRuntime, compatibleArchitecture }, { first, after }) {
      const values = [accountId, region, after, compatibleRuntime, compatibleArchitecture, first + 1]
      const { rows } = await pool.query<LayerVersionRow>({ ...selectLayers, values })
      return pageOf(rows.map(layerRecord), first)
    },

    async layerVersionsByNumber({ accountId, region }, keys) {
      const values = [accountId, region, keys.map(({ layerId }) => layerId), keys.map(({ number }) => number)]
      const { rows } = await pool.query<LayerVersionRow>({ ...selectLayerVersions, values })
      return rows.map(layerVersionRecord)
    },

    async layerVersionPages({ accountId, region }, layerIds, { first, after }) {
      const values = [accountId, region, layerIds, after, first + 1]
      const { rows } = await pool.query<LayerVersionRow>({ ...selectLayerVersionPages, values })
      return pagesByOwner(rows.map(layerVersionRecord), layerIds, first, ({ layerId }) => layerId)
    },
  }
}
