import { randomUUID } from 'node:crypto'
import {
  aliasFault,
  aliasNameViolations,
  aliasVersionViolations,
  candidateOf,
  type VersionWeight,
  weightViolations,
} from '../model/aliasRules.ts'
import { descriptionViolations } from '../model/configurationRules.ts'
import { functionArn } from '../model/functionArn.ts'
import { parseUnqualifiedReference, qualifierTarget, referenceViolations } from '../model/functionReference.ts'
import type { AliasRecord, Scope } from '../model/records.ts'
import { refuseViolations } from '../model/smithyConstraint.ts'
import { textFault } from '../model/textRules.ts'
import { refuseWhileShifted } from './aliasShifts.ts'
import { forgetEventInvokeConfig } from './eventInvokeConfig.ts'
import { aliasExists, aliasNotFound, functionNotFound, refuseOldRevision } from './functionFaults.ts'
import { aliasRecord } from './functionRecords.ts'
import type { FunctionRoom } from './functionRoom.ts'
import { type LockedFunction, withLockedFunction } from './lockedFunction.ts'
import { refuseProvisionedMove } from './provisionedConcurrency.ts'
import { endProvisioned } from './provisionedConfigs.ts'
import type { CreateAliasRequest, DeleteAliasRequest, UpdateAliasRequest } from './requests.ts'

/** See `FunctionServices.createAlias`. Source: recorded facts, section E. */
export async function createAlias(room: FunctionRoom, scope: Scope, request: CreateAliasRequest): Promise<AliasRecord> {
  const { name, functionVersion, description, weights } = request
  refuseViolations([
    ...referenceViolations(request.functionName, null, 'FunctionName'),
    ...aliasNameViolations(name),
    ...aliasVersionViolations(functionVersion),
    ...descriptionViolations(description),
    ...weightViolations(weights),
  ])
  const functionName = parseUnqualifiedReference(scope, request.functionName)
  const fault = aliasFault({ functionVersion, weights }) ?? textFault('description', description)
  if (fault !== null) throw fault
  const created = await withLockedFunction(room.prisma, scope, functionName, async (locked) => {
    const { transaction, record } = locked
    const target = await targetColumns(locked, functionVersion, weights)
    const key = { functionId_name: { functionId: record.id, name } }
    if ((await transaction.alias.findUnique({ where: key })) !== null) throw aliasExists(scope, functionName, name)
    const row = await transaction.alias.create({
      data: { id: randomUUID(), functionId: record.id, name, description, revisionId: randomUUID(), ...target },
    })
    return aliasRecord(row, { ...scope, name: functionName })
  })
  if (created === null) throw functionNotFound(scope, functionName, functionVersion)
  return created
}

/** See `FunctionServices.updateAlias`. What the alias would be as a whole has to keep the rules. */
export async function updateAlias(room: FunctionRoom, scope: Scope, request: UpdateAliasRequest): Promise<AliasRecord> {
  const { name, description } = request
  refuseViolations([
    ...referenceViolations(request.functionName, null, 'FunctionName'),
    ...aliasNameViolations(name),
    ...(request.functionVersion === undefined ? [] : aliasVersionViolations(request.functionVersion)),
    ...descriptionViolations(description),
    ...weightViolations(request.weights ?? []),
  ])
  const functionName = parseUnqualifiedReference(scope, request.functionName)
  const unfit = textFault('description', description)
  if (unfit !== null) throw unfit
  const updated = await withLockedFunction(room.prisma, scope, functionName, async (locked) => {
    const { transaction, record } = locked
    const key = { functionId_name: { functionId: record.id, name } }
    const present = await transaction.alias.findUnique({ where: key })
    if (present === null) throw aliasNotFound(scope, functionName, name)
    refuseOldRevision(request.revisionId, present.revisionId)
    await refuseWhileShifted(locked, name)
    const before = candidateOf(present)
    const functionVersion = request.functionVersion ?? before.functionVersion
    const weights = request.weights ?? before.weights
    const fault = aliasFault({ functionVersion, weights })
    if (fault !== null) throw fault
    const target = await targetColumns(locked, functionVersion, weights)
    await refuseProvisionedMove(locked, name, target)
    const row = await transaction.alias.update({
      where: key,
      data: { ...target, description: description ?? present.description, revisionId: randomUUID() },
    })
    return aliasRecord(row, { ...scope, name: functionName })
  })
  if (updated === null) throw functionNotFound(scope, functionName)
  return updated
}

/** See `FunctionServices.deleteAlias`. Source: recorded facts, no. 68. */
export async function deleteAlias(
  room: FunctionRoom,
  scope: Scope,
  { functionName: reference, name }: DeleteAliasRequest,
): Promise<{ readonly deletedAliasArn: string }> {
  refuseViolations([...referenceViolations(reference, null, 'FunctionName'), ...aliasNameViolations(name)])
  const functionName = parseUnqualifiedReference(scope, reference)
  const deleted = await withLockedFunction(room.prisma, scope, functionName, async (locked) => {
    await refuseWhileShifted(locked, name)
    await endProvisioned(locked, name, room.clock)
    await forgetEventInvokeConfig(locked, name)
    return locked.transaction.alias.deleteMany({ where: { functionId: locked.record.id, name } })
  })
  if (deleted === null) throw functionNotFound(scope, functionName)
  return { deletedAliasArn: functionArn(scope, functionName, name) }
}

/** The columns of an alias's target; throws a RESOURCE_NOT_FOUND for a version that is not there (no. 66). */
async function targetColumns(locked: LockedFunction, functionVersion: string, weights: readonly VersionWeight[]) {
  const versionNumber = await existingNumber(locked, functionVersion)
  const second = weights[0]
  if (second === undefined) return { versionNumber, additionalNumber: null, additionalWeight: null }
  const additionalNumber = await existingNumber(locked, second.version)
  return { versionNumber, additionalNumber, additionalWeight: second.weight }
}

async function existingNumber({ transaction, record }: LockedFunction, version: string): Promise<number> {
  const target = qualifierTarget(version)
  const count =
    target.kind === 'ALIAS'
      ? 0
      : await transaction.functionVersion.count({ where: { functionId: record.id, number: target.number } })
  if (target.kind === 'ALIAS' || count === 0) throw functionNotFound(record.scope, record.name, version)
  return target.number
}
