import { randomUUID } from 'node:crypto'
import { configurationFault, configurationViolations, namedValues } from '../model/configurationRules.ts'
import { parseUnqualifiedReference, referenceViolations } from '../model/functionReference.ts'
import { refuseTooLargeTogether, usedLayerViolations } from '../model/layerRules.ts'
import type { FunctionRecord, Scope, VersionRecord } from '../model/records.ts'
import { refuseViolations } from '../model/smithyConstraint.ts'
import { findFunction } from './findFunction.ts'
import { functionNotFound, refuseOldRevision } from './functionFaults.ts'
import { announceRevisions, type FunctionRoom } from './functionRoom.ts'
import { chooseLayers } from './layers/chooseLayers.ts'
import { type LockedFunction, readBack, withLockedFunction } from './lockedFunction.ts'
import type { UpdateFunctionConfigurationRequest } from './requests.ts'
import { finishWhatIsPending, stateAfterChange } from './stateAfterChange.ts'
import { layersData } from './versionData.ts'

/** See `FunctionServices.updateFunctionConfiguration`. A change to what is there already gives a new revision too. */
export async function updateFunctionConfiguration(
  room: FunctionRoom,
  scope: Scope,
  request: UpdateFunctionConfigurationRequest,
): Promise<FunctionRecord> {
  refuseViolations([
    ...referenceViolations(request.functionName, null, 'FunctionName'),
    ...configurationViolations(request),
    ...usedLayerViolations(request.layers),
  ])
  const name = parseUnqualifiedReference(scope, request.functionName)
  const fault = configurationFault(request)
  if (fault !== null) throw fault
  const present = await findFunction(room.prisma, scope, name)
  if (present === null) throw functionNotFound(scope, name)
  const layers = request.layers === undefined ? null : await chooseLayers(room.pool, scope, request.layers)
  const prepared = await preparedFor(room, present.latest, request)

  const changed = await withLockedFunction(room.prisma, scope, name, async (locked) => {
    const { latest } = locked.record
    refuseOldRevision(request.revisionId, latest.revisionId)
    const runtime = request.runtime ?? latest.runtime
    if (layers !== null) refuseTooLargeTogether(await unzippedCodeBytes(locked), layers)
    await locked.transaction.functionVersion.update({
      where: { id: latest.id },
      data: {
        runtime,
        handler: request.handler ?? latest.handler,
        description: request.description ?? latest.description,
        memoryMiB: request.memoryMiB ?? latest.memoryMiB,
        timeoutSeconds: request.timeoutSeconds ?? latest.timeoutSeconds,
        ephemeralStorageMiB: request.ephemeralStorageMiB ?? latest.ephemeralStorageMiB,
        networkAccess: request.networkAccess ?? latest.networkAccess,
        environment: request.environment === undefined ? { ...latest.environment } : namedValues(request.environment),
        deadLetterTargetArn: (request.deadLetterTargetArn ?? latest.deadLetterTargetArn) || null,
        layers: layersData(layers ?? latest.layers),
        revisionId: randomUUID(),
        lastModified: new Date(room.clock.now()),
        // What was found out is of another runtime where somebody changed it in between: then it begins anew.
        ...stateAfterChange(latest, runtime, prepared?.runtime === runtime ? prepared.state : null),
      },
    })
    return readBack(locked)
  })
  if (changed === null) throw functionNotFound(scope, name)
  finishWhatIsPending(room, changed.latest)
  await announceRevisions(room, changed.id)
  return changed
}

async function preparedFor(room: FunctionRoom, latest: VersionRecord, request: UpdateFunctionConfigurationRequest) {
  const runtime = request.runtime ?? latest.runtime
  if (runtime === latest.runtime && latest.state !== 'FAILED') return null
  return { runtime, state: await room.preparation.stateNow(runtime) }
}

async function unzippedCodeBytes({ transaction, record }: LockedFunction): Promise<number> {
  const sha256 = Buffer.from(record.latest.codeSha256, 'hex')
  const { unzippedSizeBytes } = await transaction.codeBlob.findUniqueOrThrow({ where: { sha256 } })
  return unzippedSizeBytes
}
