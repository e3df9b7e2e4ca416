import { randomUUID } from 'node:crypto'
import { configurationViolations } from '../model/configurationRules.ts'
import { parseUnqualifiedReference, referenceViolations } from '../model/functionReference.ts'
import { refuseTooLargeTogether } from '../model/layerRules.ts'
import type { Scope } from '../model/records.ts'
import { refuseViolations } from '../model/smithyConstraint.ts'
import { findFunction } from './findFunction.ts'
import { functionNotFound, refuseOldRevision } from './functionFaults.ts'
import { announceRevisions, type FunctionRoom } from './functionRoom.ts'
import { readBack, withLockedFunction } from './lockedFunction.ts'
import { publishLatest } from './publishLatest.ts'
import type { UpdateFunctionCodeRequest } from './requests.ts'
import type { FunctionChange } from './services.ts'
import { finishWhatIsPending, stateAfterChange } from './stateAfterChange.ts'

/** See `FunctionServices.updateFunctionCode`. */
export async function updateFunctionCode(
  room: FunctionRoom,
  scope: Scope,
  request: UpdateFunctionCodeRequest,
): Promise<FunctionChange> {
  refuseViolations([
    ...referenceViolations(request.functionName, null, 'FunctionName'),
    ...configurationViolations({ architectures: request.architectures ?? undefined }),
  ])
  const name = parseUnqualifiedReference(scope, request.functionName)
  const present = await findFunction(room.prisma, scope, name)
  if (present === null) throw functionNotFound(scope, name)
  // Refused here only to spare storing the code; what counts is the comparison under the lock.
  refuseOldRevision(request.revisionId, present.latest.revisionId)
  const code = await room.intake.take(scope, request.code, request.dryRun)
  refuseTooLargeTogether(code.unzippedSizeBytes, present.latest.layers)
  if (request.dryRun) return { function: present, version: null }
  const prepared = present.latest.state === 'FAILED' ? await room.preparation.stateNow(present.latest.runtime) : null

  const change = await withLockedFunction(room.prisma, scope, name, async (locked) => {
    const { transaction, record } = locked
    refuseOldRevision(request.revisionId, record.latest.revisionId)
    refuseTooLargeTogether(code.unzippedSizeBytes, record.latest.layers)
    await transaction.functionVersion.update({
      where: { id: record.latest.id },
      data: {
        codeSha256: Buffer.from(code.sha256, 'hex'),
        codeSizeBytes: code.sizeBytes,
        architecture: request.architectures?.[0] ?? record.latest.architecture,
        revisionId: randomUUID(),
        lastModified: new Date(room.clock.now()),
        ...stateAfterChange(record.latest, record.latest.runtime, prepared),
      },
    })
    if (!request.publish) return { function: await readBack(locked), version: null }
    const changed = { ...locked, record: await readBack(locked) }
    const version = await publishLatest(changed, null, room.clock.now())
    return { function: await readBack(locked), version }
  })
  if (change === null) throw functionNotFound(scope, name)
  finishWhatIsPending(room, change.function.latest)
  await announceRevisions(room, change.function.id)
  return change
}
