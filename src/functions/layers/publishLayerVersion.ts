import { randomUUID } from 'node:crypto'
import { PlatformFault, UserFault } from '../../errors.ts'
import type { LayerVersionRecord } from '../../model/layer.ts'
import {
  layerNameViolations,
  layerVersionFault,
  layerVersionViolations,
  parseLayerName,
} from '../../model/layerRules.ts'
import type { Scope } from '../../model/records.ts'
import { refuseViolations } from '../../model/smithyConstraint.ts'
import type { FunctionRoom } from '../functionRoom.ts'
import type { PublishLayerVersionRequest } from '../requests.ts'
import { insertLayerVersion } from '../sql/insertLayerVersion.ts'

/** See `FunctionServices.publishLayerVersion`. Source: recorded fact 173. */
export async function publishLayerVersion(
  room: FunctionRoom,
  scope: Scope,
  request: PublishLayerVersionRequest,
): Promise<LayerVersionRecord> {
  refuseViolations([...layerNameViolations(request.layerName), ...layerVersionViolations(request)])
  const layerName = parseLayerName(scope, request.layerName)
  if (layerName === null) {
    const message = `User of account ${scope.accountId} is not authorized to publish ${request.layerName}`
    throw new UserFault('ACCESS_DENIED', message, ['input', 'layerName'])
  }
  const fault = layerVersionFault(request)
  if (fault !== null) throw fault
  const code = await room.intake.take(scope, request.content, false)
  const { description, licenseInfo } = request
  const version = {
    id: randomUUID(),
    description,
    compatibleRuntimes: [...new Set(request.compatibleRuntimes)],
    compatibleArchitectures: [...new Set(request.compatibleArchitectures)],
    licenseInfo,
    codeSha256: code.sha256,
    codeSizeBytes: code.sizeBytes,
    createdAt: new Date(room.clock.now()),
  }
  const { rows } = await room.pool.query<{ layerId: string; number: number }>({
    ...insertLayerVersion,
    values: [
      ...[randomUUID(), scope.accountId, scope.region, layerName, version.id, description],
      ...[version.compatibleRuntimes, version.compatibleArchitectures, licenseInfo],
      ...[Buffer.from(code.sha256, 'hex'), code.sizeBytes, version.createdAt],
    ],
  })
  const published = rows[0]
  if (published === undefined) throw new PlatformFault(`the layer ${layerName} was not published`)
  return { ...version, ...published, scope, layerName }
}
