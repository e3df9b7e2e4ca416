import { UserFault } from '../errors.ts'
import { type EventInvokeConfigRecord, eventInvokeViolations } from '../model/eventInvokeConfig.ts'
import { functionArn } from '../model/functionArn.ts'
import { parseFunctionReference, referenceViolations } from '../model/functionReference.ts'
import type { Scope } from '../model/records.ts'
import { refuseViolations } from '../model/smithyConstraint.ts'
import type { FunctionRoom } from './functionRoom.ts'
import { type LockedFunction, withLockedFunction } from './lockedFunction.ts'
import type { FunctionEventInvokeConfigRequest, PutFunctionEventInvokeConfigRequest } from './requests.ts'
import { versionNumbersBehind } from './versionNumbersBehind.ts'

/** See `FunctionServices.putFunctionEventInvokeConfig`. Source: recorded facts, no. 122 to 126. */
export async function putFunctionEventInvokeConfig(
  room: FunctionRoom,
  scope: Scope,
  request: PutFunctionEventInvokeConfigRequest,
): Promise<EventInvokeConfigRecord> {
  const maximumRetryAttempts = request.maximumRetryAttempts ?? null
  const maximumEventAgeSeconds = request.maximumEventAgeInSeconds ?? null
  const { name, qualifier } = target(scope, request, eventInvokeViolations(request))
  if (maximumRetryAttempts === null && maximumEventAgeSeconds === null) {
    throw new UserFault(
      'INVALID_PARAMETER_VALUE',
      'You must specify at least one of error handling or destination setting.',
      ['input'],
    )
  }
  const row = await withLockedFunction(room.prisma, scope, name, async (locked) => {
    if ((await versionNumbersBehind(locked, qualifier)) === null) return null
    const key = { functionId: locked.record.id, qualifier }
    const data = { maximumRetryAttempts, maximumEventAgeSeconds, lastModified: new Date(room.clock.now()) }
    return locked.transaction.eventInvokeConfig.upsert({
      where: { functionId_qualifier: key },
      create: { ...key, ...data },
      update: data,
    })
  })
  if (row === null) {
    throw new UserFault('RESOURCE_NOT_FOUND', "The function doesn't exist.", ['input', 'functionName'])
  }
  return recordOf(scope, name, row)
}

/** See `FunctionServices.deleteFunctionEventInvokeConfig`. Source: recorded facts, no. 124. */
export async function deleteFunctionEventInvokeConfig(
  room: FunctionRoom,
  scope: Scope,
  request: FunctionEventInvokeConfigRequest,
): Promise<{ readonly functionArn: string }> {
  const { name, qualifier } = target(scope, request)
  const arn = functionArn(scope, name, qualifier)
  const count = await withLockedFunction(room.prisma, scope, name, (locked) =>
    forgetEventInvokeConfig(locked, qualifier),
  )
  // AWS says the same where there is no function at all.
  if (count !== null && count > 0) return { functionArn: arn }
  throw new UserFault('RESOURCE_NOT_FOUND', `The function ${arn} doesn't have an EventInvokeConfig`, [
    'input',
    'functionName',
  ])
}

/** Deletes the config of a version or alias, which goes with it; returns how many there were, 0 or 1. */
export async function forgetEventInvokeConfig(
  { transaction, record }: LockedFunction,
  qualifier: string,
): Promise<number> {
  const { count } = await transaction.eventInvokeConfig.deleteMany({ where: { functionId: record.id, qualifier } })
  return count
}

/** See `FunctionServices.functionEventInvokeConfig`. */
export async function functionEventInvokeConfig(
  room: FunctionRoom,
  scope: Scope,
  request: FunctionEventInvokeConfigRequest,
): Promise<EventInvokeConfigRecord | null> {
  const { name, qualifier } = target(scope, request)
  const { accountId, region } = scope
  const row = await room.prisma.eventInvokeConfig.findFirst({
    where: { qualifier, function: { accountId, region, name } },
  })
  return row && recordOf(scope, name, row)
}

function target(
  scope: Scope,
  { functionName, qualifier: given }: FunctionEventInvokeConfigRequest,
  violations: ReturnType<typeof eventInvokeViolations> = [],
) {
  refuseViolations([...referenceViolations(functionName, given ?? null, 'FunctionName'), ...violations])
  const { name, qualifier } = parseFunctionReference(scope, functionName, given ?? null, 'FunctionName')
  return { name, qualifier: qualifier ?? '$LATEST' }
}

function recordOf(
  scope: Scope,
  functionName: string,
  row: {
    readonly qualifier: string
    readonly maximumRetryAttempts: number | null
    readonly maximumEventAgeSeconds: number | null
    readonly lastModified: Date
  },
): EventInvokeConfigRecord {
  const { qualifier, maximumRetryAttempts, maximumEventAgeSeconds, lastModified } = row
  const maximumEventAgeInSeconds = maximumEventAgeSeconds
  return { scope, functionName, qualifier, maximumRetryAttempts, maximumEventAgeInSeconds, lastModified }
}
