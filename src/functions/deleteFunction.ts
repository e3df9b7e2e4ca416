import type { Clock } from '../model/clock.ts'
import { functionArn } from '../model/functionArn.ts'
import { parseFunctionReference, qualifierTarget } from '../model/functionReference.ts'
import type { Scope } from '../model/records.ts'
import { versionName } from '../model/version.ts'
import { forgetEventInvokeConfig } from './eventInvokeConfig.ts'
import { aliasNotDeletable, functionNotFound, latestNotDeletable, versionInUse } from './functionFaults.ts'
import { announceRevisions, type FunctionRoom } from './functionRoom.ts'
import { type LockedFunction, withLockedFunction } from './lockedFunction.ts'
import { endProvisioned } from './provisionedConfigs.ts'
import type { DeleteFunctionRequest } from './requests.ts'

/** See `FunctionServices.deleteFunction`. Source: recorded facts, no. 35 to 37. */
export async function deleteFunction(
  room: FunctionRoom,
  scope: Scope,
  request: DeleteFunctionRequest,
): Promise<{ readonly deletedFunctionArn: string }> {
  const { functionName, qualifier: given } = request
  const { name, qualifier } = parseFunctionReference(scope, functionName, given, 'NamespacedFunctionName')
  if (qualifier === '$LATEST') throw latestNotDeletable()
  const target = qualifierTarget(qualifier)
  if (target.kind === 'ALIAS') throw aliasNotDeletable()
  const functionId = await withLockedFunction(room.prisma, scope, name, async (locked) => {
    if (qualifier === null) {
      await endProvisioned(locked, null, room.clock)
      await locked.transaction.function.delete({ where: { id: locked.record.id } })
    } else await deleteVersion(locked, target.number, room.clock)
    return locked.record.id
  })
  if (functionId === null) throw functionNotFound(scope, name)
  await announceRevisions(room, functionId)
  return { deletedFunctionArn: functionArn(scope, name, qualifier) }
}

async function deleteVersion(locked: LockedFunction, number: number, clock: Clock): Promise<void> {
  const { transaction, record } = locked
  const functionId = record.id
  const aliases = await transaction.alias.findMany({
    where: { functionId, OR: [{ versionNumber: number }, { additionalNumber: number }] },
    orderBy: { name: 'asc' },
    select: { name: true },
  })
  if (aliases.length > 0) throw versionInUse(aliases.map(({ name }) => name))
  await endProvisioned(locked, versionName(number), clock)
  await forgetEventInvokeConfig(locked, versionName(number))
  await transaction.functionVersion.deleteMany({ where: { functionId, number } })
}
