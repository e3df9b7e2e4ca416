import { randomUUID } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import type { AliasShift, Prisma } from '../db/generated/client.ts'
import type { PrismaClient } from '../db/prismaClient.ts'
import { UserFault } from '../errors.ts'
import { notifyCall, topics } from '../events/topics.ts'
import {
  type AliasShiftRecord,
  type AliasShiftStatus,
  refuseMalformedShift,
  type ShiftBounds,
  type ShiftStep,
} from '../model/aliasShift.ts'
import { parseUnqualifiedReference, qualifierTarget, referenceViolations } from '../model/functionReference.ts'
import { newInvocationId } from '../model/invocationId.ts'
import type { Scope } from '../model/records.ts'
import { refuseViolations } from '../model/smithyConstraint.ts'
import { aliasNotFound, functionNotFound } from './functionFaults.ts'
import type { FunctionRoom } from './functionRoom.ts'
import { type LockedFunction, withLockedFunction } from './lockedFunction.ts'
import { refuseProvisionedMove } from './provisionedConcurrency.ts'

/** The GraphQL input `StartAliasShiftInput`. */
export interface StartAliasShiftRequest {
  readonly functionName: string
  readonly aliasName: string
  readonly toVersion: string
  readonly steps: readonly ShiftStep[]
  readonly bounds: ShiftBounds
}

/** The GraphQL input `StopAliasShiftInput`. */
export interface StopAliasShiftRequest {
  readonly functionName: string
  readonly aliasName: string
}

type Room = Pick<FunctionRoom, 'prisma' | 'clock'>
type Transaction = Prisma.TransactionClient

/** How soon a shift is looked at again: bounds are judged as often. */
export const LOOK_MS = 1_000

/** See `FunctionServices.startAliasShift`. */
export async function startAliasShift(
  room: Room,
  scope: Scope,
  request: StartAliasShiftRequest,
): Promise<AliasShiftRecord> {
  const { aliasName, steps, bounds } = request
  const functionName = functionNamed(scope, request.functionName)
  refuseMalformedShift(steps, bounds)
  const row = await withLockedFunction(room.prisma, scope, functionName, async (locked) => {
    const { transaction, record } = locked
    const functionId = record.id
    const alias = await transaction.alias.findUnique({ where: { functionId_name: { functionId, name: aliasName } } })
    if (alias === null) throw aliasNotFound(scope, functionName, aliasName)
    await refuseWhileShifted(locked, aliasName)
    const toVersion = await publishedNumber(locked, request.toVersion)
    if (alias.additionalNumber !== null || alias.versionNumber === 0 || alias.versionNumber === toVersion) {
      const message =
        'A shift begins with an alias that points to one published version, and goes to another one. ' +
        'Please update the alias first.'
      throw new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'toVersion'])
    }
    const target = { versionNumber: alias.versionNumber, additionalNumber: toVersion }
    await refuseProvisionedMove(locked, aliasName, target)
    const nowMs = room.clock.now()
    const [first] = steps
    await pointAlias(transaction, functionId, aliasName, alias.versionNumber, toVersion, first!.weightPercent)
    const shift = await transaction.aliasShift.create({
      data: {
        id: uuid(),
        functionId,
        aliasName,
        fromVersion: alias.versionNumber,
        toVersion,
        steps: steps.map((step) => ({ ...step })),
        step: 0,
        status: 'RUNNING',
        ...bounds,
        startedAt: new Date(nowMs),
        firstInvocationId: newInvocationId(),
        stepEndsAt: new Date(nowMs + first!.durationSeconds * 1000),
        lookAt: new Date(nowMs + LOOK_MS),
      },
    })
    await tellShift(transaction, shift, 'STARTED', first!.weightPercent, null, nowMs)
    return shift
  })
  if (row === null) throw functionNotFound(scope, functionName)
  return shiftRecord(row, { ...scope, name: functionName })
}

/** See `FunctionServices.stopAliasShift`. */
export async function stopAliasShift(
  room: Room,
  scope: Scope,
  { functionName: reference, aliasName }: StopAliasShiftRequest,
): Promise<AliasShiftRecord> {
  const functionName = functionNamed(scope, reference)
  const row = await withLockedFunction(room.prisma, scope, functionName, async ({ transaction, record }) => {
    const where = { functionId: record.id, aliasName, status: 'RUNNING' }
    const shift = await transaction.aliasShift.findFirst({ where })
    if (shift === null) {
      const message = `The alias ${aliasName} of ${functionName} is not being shifted.`
      throw new UserFault('RESOURCE_NOT_FOUND', message, ['input', 'aliasName'])
    }
    return endShift(transaction, shift, 'STOPPED', 'It was stopped by stopAliasShift.', room.clock.now())
  })
  if (row === null) throw functionNotFound(scope, functionName)
  return shiftRecord(row, { ...scope, name: functionName })
}

/** Throws a RESOURCE_CONFLICT for a change of an alias that is being shifted. */
export async function refuseWhileShifted({ transaction, record }: LockedFunction, aliasName: string): Promise<void> {
  const where = { functionId: record.id, aliasName, status: 'RUNNING' }
  if ((await transaction.aliasShift.count({ where })) === 0) return
  const message = `The alias ${aliasName} is being shifted. Please wait, or call stopAliasShift first.`
  throw new UserFault('RESOURCE_CONFLICT', message, ['input'])
}

/** Ends a shift behind the function's lock: all traffic goes to the new version, or all of it back to the old one. */
export async function endShift(
  transaction: Transaction,
  shift: AliasShift,
  status: Exclude<AliasShiftStatus, 'RUNNING'>,
  reason: string | null,
  nowMs: number,
): Promise<AliasShift> {
  const isCompleted = status === 'COMPLETED'
  const version = isCompleted ? shift.toVersion : shift.fromVersion
  await pointAlias(transaction, shift.functionId, shift.aliasName, version, null, null)
  const data = { status, reason, endedAt: new Date(nowMs) }
  const ended = await transaction.aliasShift.update({ where: { id: shift.id }, data })
  await tellShift(transaction, ended, status, isCompleted ? 100 : 0, reason, nowMs)
  return ended
}

/** Points an alias to a version, and with a weight to another one; behind the function's lock. */
export async function pointAlias(
  transaction: Transaction,
  functionId: string,
  name: string,
  versionNumber: number,
  additionalNumber: number | null,
  weightPercent: number | null,
): Promise<void> {
  const additionalWeight = weightPercent === null ? null : weightPercent / 100
  await transaction.alias.update({
    where: { functionId_name: { functionId, name } },
    data: { versionNumber, additionalNumber, additionalWeight, revisionId: randomUUID() },
  })
}

/** Writes an event of a shift, which is streamed when the transaction commits. */
export async function tellShift(
  transaction: Transaction,
  { id, functionId, aliasName, toVersion }: AliasShift,
  type: 'STARTED' | 'STEPPED' | Exclude<AliasShiftStatus, 'RUNNING'>,
  weightPercent: number,
  reason: string | null,
  nowMs: number,
): Promise<void> {
  await transaction.aliasShiftEvent.create({
    data: { functionId, aliasName, shiftId: id, type, timestamp: new Date(nowMs), toVersion, weightPercent, reason },
  })
  await transaction.$executeRawUnsafe(
    `SELECT ${notifyCall('$1')}`,
    // Environments that are kept started for the alias follow its weights.
    `${topics.shifts(functionId)} ${topics.shifter} ${topics.provisioned}`,
  )
}

/** The last shift of each of many aliases, by function id and alias joined by a space. */
export async function lastShifts(
  prisma: PrismaClient,
  scope: Scope,
  aliases: readonly { readonly functionId: string; readonly name: string }[],
): Promise<ReadonlyMap<string, AliasShiftRecord>> {
  const { accountId, region } = scope
  const rows = await prisma.aliasShift.findMany({
    where: {
      OR: aliases.map(({ functionId, name }) => ({ functionId, aliasName: name })),
      function: { accountId, region },
    },
    orderBy: { startedAt: 'desc' },
    distinct: ['functionId', 'aliasName'],
    include: { function: { select: { accountId: true, region: true, name: true } } },
  })
  return new Map(rows.map((row) => [`${row.functionId} ${row.aliasName}`, shiftRecord(row, row.function)]))
}

/** A row as the record it is. */
export function shiftRecord(
  row: AliasShift,
  { accountId, region, name }: Scope & { readonly name: string },
): AliasShiftRecord {
  const { maximumErrorRatePercent, maximumP99Ms, minimumInvocations } = row
  return {
    id: row.id,
    scope: { accountId, region },
    functionId: row.functionId,
    functionName: name,
    aliasName: row.aliasName,
    fromVersion: row.fromVersion,
    toVersion: row.toVersion,
    steps: row.steps as unknown as readonly ShiftStep[],
    step: row.step,
    status: row.status as AliasShiftStatus,
    bounds: { maximumErrorRatePercent, maximumP99Ms, minimumInvocations },
    startedAt: row.startedAt,
    stepEndsAt: row.stepEndsAt,
    endedAt: row.endedAt,
    reason: row.reason,
  }
}

function functionNamed(scope: Scope, reference: string): string {
  refuseViolations(referenceViolations(reference, null, 'FunctionName'))
  return parseUnqualifiedReference(scope, reference)
}

async function publishedNumber({ transaction, record }: LockedFunction, version: string): Promise<number> {
  const target = qualifierTarget(version)
  const number = target.kind === 'ALIAS' ? 0 : target.number
  const count = number === 0 ? 0 : await transaction.functionVersion.count({ where: { functionId: record.id, number } })
  if (count === 0) throw functionNotFound(record.scope, record.name, version)
  return number
}
