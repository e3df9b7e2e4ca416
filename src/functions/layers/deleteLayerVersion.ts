import { layerArn } from '../../model/layer.ts'
import { parseLayerName, refuseLayerVersionNumber } from '../../model/layerRules.ts'
import type { Scope } from '../../model/records.ts'
import type { FunctionRoom } from '../functionRoom.ts'
import type { DeleteLayerVersionRequest } from '../requests.ts'

/** See `FunctionServices.deleteLayerVersion`. Source: recorded facts, no. 173 and 175. */
export async function deleteLayerVersion(
  { prisma, clock }: FunctionRoom,
  scope: Scope,
  { layerName, versionNumber }: DeleteLayerVersionRequest,
): Promise<{ readonly deletedLayerVersionArn: string }> {
  const name = parseLayerName(scope, layerName)
  refuseLayerVersionNumber(versionNumber, ['input', 'versionNumber'])
  const arn = `${name === null ? layerName : layerArn(scope, name)}:${versionNumber}`
  if (name !== null) {
    const { accountId, region } = scope
    await prisma.layerVersion.updateMany({
      where: { layer: { accountId, region, name }, number: versionNumber, deletedAt: null },
      data: { deletedAt: new Date(clock.now()) },
    })
  }
  return { deletedLayerVersionArn: arn }
}
