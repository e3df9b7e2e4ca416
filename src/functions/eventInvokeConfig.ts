import { UserFault } from '../errors.ts'
import { destinationKind } from '../model/destinationArn.ts'
import {
  type Destinations,
  destinationFault,
  destinationViolations,
  type EventInvokeConfigRecord,
  eventInvokeViolations,
} from '../model/eventInvokeConfig.ts'
import { functionArn } from '../model/functionArn.ts'
import { parseFunctionReference, parseUnqualifiedReference, referenceViolations } from '../model/functionReference.ts'
import type { Page, PageRequest, Scope } from '../model/records.ts'
import { refuseViolations } from '../model/smithyConstraint.ts'
import type { FunctionRoom } from './functionRoom.ts'
import { type LockedFunction, withLockedFunction } from './lockedFunction.ts'
import { pageOf } from './pages.ts'
import type { FunctionEventInvokeConfigRequest, PutFunctionEventInvokeConfigRequest } from './requests.ts'
import { versionNumbersBehind } from './versionNumbersBehind.ts'

/** See `FunctionServices.putFunctionEventInvokeConfig`. Source: recorded facts, no. 122 to 126. */
export async function putFunctionEventInvokeConfig(
  room: FunctionRoom,
  scope: Scope,
  request: PutFunctionEventInvokeConfigRequest,
): Promise<EventInvokeConfigRecord> {
  return changeConfig(room, scope, request, () => ({
    maximumRetryAttempts: request.maximumRetryAttempts ?? null,
    maximumEventAgeSeconds: request.maximumEventAgeInSeconds ?? null,
    onSuccess: request.onSuccess || null,
    onFailure: request.onFailure || null,
  }))
}

/** See `FunctionServices.updateFunctionEventInvokeConfig`. Source: recorded facts, no. 123. */
export async function updateFunctionEventInvokeConfig(
  room: FunctionRoom,
  scope: Scope,
  request: PutFunctionEventInvokeConfigRequest,
): Promise<EventInvokeConfigRecord> {
  return changeConfig(room, scope, request, (present, arn) => {
    if (present === null) throw noConfig(arn)
    return {
      maximumRetryAttempts: request.maximumRetryAttempts ?? present.maximumRetryAttempts,
      maximumEventAgeSeconds: request.maximumEventAgeInSeconds ?? present.maximumEventAgeSeconds,
      onSuccess: (request.onSuccess ?? present.onSuccess) || null,
      onFailure: (request.onFailure ?? present.onFailure) || null,
    }
  })
}

/** The settings of a config as its table has them. */
interface Settings extends Destinations {
  readonly maximumRetryAttempts: number | null
  readonly maximumEventAgeSeconds: number | null
}

/** Writes what `change` makes of the present settings (null: there are none). */
async function changeConfig(
  room: FunctionRoom,
  scope: Scope,
  request: PutFunctionEventInvokeConfigRequest,
  change: (present: Settings | null, arn: string) => Settings,
): Promise<EventInvokeConfigRecord> {
  const destinations = { onSuccess: request.onSuccess || null, onFailure: request.onFailure || null }
  const violations = [...eventInvokeViolations(request), ...destinationViolations(destinations)]
  const { name, qualifier } = target(scope, request, violations)
  if (isEmpty(request)) {
    const message = 'You must specify at least one of error handling or destination setting.'
    throw new UserFault('INVALID_PARAMETER_VALUE', message, ['input'])
  }
  const fault = destinationFault(destinations)
  if (fault !== null) throw fault
  const row = await withLockedFunction(room.prisma, scope, name, async (locked) => {
    if ((await versionNumbersBehind(locked, qualifier)) === null) return null
    await refuseUnfitFunctions(locked, destinations)
    const { eventInvokeConfig } = locked.transaction
    const key = { functionId: locked.record.id, qualifier }
    const present = await eventInvokeConfig.findUnique({ where: { functionId_qualifier: key } })
    const data = { ...change(present, functionArn(scope, name, qualifier)), lastModified: new Date(room.clock.now()) }
    return eventInvokeConfig.upsert({
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

function isEmpty(request: PutFunctionEventInvokeConfigRequest): boolean {
  const { maximumRetryAttempts, maximumEventAgeInSeconds, onSuccess, onFailure } = request
  return [maximumRetryAttempts, maximumEventAgeInSeconds, onSuccess, onFailure].every((setting) => setting == null)
}

/** Throws where a destination is the function itself or a function that is not there. */
async function refuseUnfitFunctions(
  { transaction, record: { scope, name: ownName } }: LockedFunction,
  { onSuccess, onFailure }: Destinations,
): Promise<void> {
  const { accountId, region } = scope
  for (const arn of [onSuccess, onFailure]) {
    if (arn === null || destinationKind(arn) !== 'FUNCTION') continue
    const [, , , arnRegion, arnAccount, , name = ''] = arn.split(':')
    const isHere = arnRegion === region && arnAccount === accountId
    if (isHere && name === ownName) {
      throw new UserFault(
        'INVALID_PARAMETER_VALUE',
        "You can't specify the function as a destination for itself.",
        FIELD,
      )
    }
    if (!isHere || (await transaction.function.count({ where: { accountId, region, name } })) === 0) {
      throw new UserFault('INVALID_PARAMETER_VALUE', `The destination ARN ${arn} is invalid.`, FIELD)
    }
  }
}

const FIELD = ['input', 'destinationConfig']

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
  throw noConfig(arn)
}

function noConfig(arn: string): UserFault {
  const message = `The function ${arn} doesn't have an EventInvokeConfig`
  return new UserFault('RESOURCE_NOT_FOUND', message, ['input', 'functionName'])
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

/** See `FunctionServices.functionEventInvokeConfigs`. */
export async function functionEventInvokeConfigs(
  room: FunctionRoom,
  scope: Scope,
  functionName: string,
  { first, after }: PageRequest<string>,
): Promise<Page<EventInvokeConfigRecord>> {
  refuseViolations(referenceViolations(functionName, null, 'FunctionName'))
  const name = parseUnqualifiedReference(scope, functionName)
  const { accountId, region } = scope
  const rows = await room.prisma.eventInvokeConfig.findMany({
    where: { function: { accountId, region, name }, ...(after === null ? {} : { qualifier: { gt: after } }) },
    orderBy: { qualifier: 'asc' },
    take: first + 1,
  })
  return pageOf(
    rows.map((row) => recordOf(scope, name, row)),
    first,
  )
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
  row: Settings & { readonly qualifier: string; readonly lastModified: Date },
): EventInvokeConfigRecord {
  const { qualifier, maximumRetryAttempts, onSuccess, onFailure, lastModified } = row
  const settings = { maximumRetryAttempts, maximumEventAgeInSeconds: row.maximumEventAgeSeconds, onSuccess, onFailure }
  return { scope, functionName, qualifier, ...settings, lastModified }
}
