import { parseUnqualifiedReference, referenceViolations } from '../model/functionReference.ts'
import type { FunctionRecord, Scope } from '../model/records.ts'
import { refuseViolations } from '../model/smithyConstraint.ts'
import { functionNotFound } from './functionFaults.ts'
import type { FunctionRoom } from './functionRoom.ts'
import { readBack, withLockedFunction } from './lockedFunction.ts'
import type { PutFunctionRecursionConfigRequest } from './requests.ts'

/** See `FunctionServices.putFunctionRecursionConfig`. It is no part of the configuration: no revision changes. */
export async function putFunctionRecursionConfig(
  room: FunctionRoom,
  scope: Scope,
  { functionName, recursiveLoop }: PutFunctionRecursionConfigRequest,
): Promise<FunctionRecord> {
  refuseViolations(referenceViolations(functionName, null, 'FunctionName'))
  const name = parseUnqualifiedReference(scope, functionName)
  const changed = await withLockedFunction(room.prisma, scope, name, async (locked) => {
    await locked.transaction.function.update({ where: { id: locked.record.id }, data: { recursiveLoop } })
    return readBack(locked)
  })
  if (changed === null) throw functionNotFound(scope, name)
  return changed
}
