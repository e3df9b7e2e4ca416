import { descriptionViolations } from '../model/configurationRules.ts'
import { parseUnqualifiedReference, referenceViolations } from '../model/functionReference.ts'
import type { Scope, VersionRecord } from '../model/records.ts'
import { refuseViolations } from '../model/smithyConstraint.ts'
import { textFault } from '../model/textRules.ts'
import { codeMismatch, functionNotFound, refuseOldRevision } from './functionFaults.ts'
import { announceRevisions, type FunctionRoom } from './functionRoom.ts'
import { withLockedFunction } from './lockedFunction.ts'
import { publishLatest } from './publishLatest.ts'
import type { PublishVersionRequest } from './requests.ts'
import { finishWhatIsPending } from './stateAfterChange.ts'

/** See `FunctionServices.publishVersion`. */
export async function publishVersion(
  room: FunctionRoom,
  scope: Scope,
  request: PublishVersionRequest,
): Promise<VersionRecord> {
  const description = request.description ?? undefined
  refuseViolations([
    ...referenceViolations(request.functionName, null, 'FunctionName'),
    ...descriptionViolations(description),
  ])
  const name = parseUnqualifiedReference(scope, request.functionName)
  const fault = textFault('description', description)
  if (fault !== null) throw fault
  const published = await withLockedFunction(room.prisma, scope, name, async (locked) => {
    const { latest } = locked.record
    refuseOldRevision(request.revisionId, latest.revisionId)
    const codeSha256 = Buffer.from(latest.codeSha256, 'hex').toString('base64')
    if (request.codeSha256 !== null && request.codeSha256 !== codeSha256) {
      throw codeMismatch(request.codeSha256, codeSha256)
    }
    return publishLatest(locked, request.description, room.clock.now())
  })
  if (published === null) throw functionNotFound(scope, name)
  finishWhatIsPending(room, published)
  await announceRevisions(room, published.functionId)
  return published
}
