import { provisionedFault } from '../model/concurrencyRules.ts'
import { functionArn } from '../model/functionArn.ts'
import { parseFunctionReference, qualifierTarget, referenceViolations } from '../model/functionReference.ts'
import {
  aliasIsProvisioned,
  NOTHING_PROVISIONED,
  neitherAliasNorVersion,
  nextProvisionedState,
  type ProvisionedConfigRecord,
  type ProvisionedState,
  type ProvisionedTarget,
  unpublishedVersion,
  versionIsProvisioned,
} from '../model/provisionedConcurrency.ts'
import type { Scope } from '../model/records.ts'
import { mustBeAtLeast, refuseViolations } from '../model/smithyConstraint.ts'
import { versionName } from '../model/version.ts'
import { lockedClaims } from './concurrencyClaims.ts'
import { aliasArnNotFound, functionNotFound } from './functionFaults.ts'
import type { FunctionRoom } from './functionRoom.ts'
import { type LockedFunction, withLockedFunction } from './lockedFunction.ts'
import { announceProvisioned, endProvisioned, provisionedConfigRecord, provisionedOf } from './provisionedConfigs.ts'
import type { DeleteProvisionedConcurrencyConfigRequest, PutProvisionedConcurrencyConfigRequest } from './requests.ts'
import { lockProvisionedConfig } from './sql/lockProvisionedConfig.ts'
import { pointedNumbers, versionNumbersBehind } from './versionNumbersBehind.ts'

type PointedVersions = Pick<ProvisionedTarget, 'versionNumber' | 'additionalNumber'>

/** See `FunctionServices.putProvisionedConcurrencyConfig`. Source: recorded facts, no. 111, 113 and 118 to 120. */
export async function putProvisionedConcurrencyConfig(
  room: FunctionRoom,
  scope: Scope,
  request: PutProvisionedConcurrencyConfigRequest,
): Promise<ProvisionedConfigRecord> {
  const { provisionedConcurrentExecutions: requested } = request
  const violations = referenceViolations(request.functionName, request.qualifier, 'FunctionName')
  if (requested < 1) {
    const member = 'provisionedConcurrentExecutions'
    violations.push({ member, value: String(requested), constraint: mustBeAtLeast(1), field: ['input', member] })
  }
  refuseViolations(violations)
  const { name, qualifier } = qualifiedReference(scope, request)
  if (qualifier === '$LATEST') throw unpublishedVersion()
  const config = await withLockedFunction(room.prisma, scope, name, async (locked) => {
    const { transaction, record } = locked
    await refuseUnfit(locked, qualifier)
    const fault = provisionedFault(requested, {
      ...(await lockedClaims(locked)),
      reserved: record.reservedConcurrency,
      provisionedElsewhere: await provisionedOf(locked, qualifier),
    })
    if (fault !== null) throw fault
    const row = await upsert(locked, qualifier, requested, new Date(room.clock.now()))
    await announceProvisioned(transaction)
    return provisionedConfigRecord(row, { ...scope, name })
  })
  if (config === null) throw notFound(scope, name, qualifier)
  await room.onConcurrencyChanged(scope)
  return config
}

/** See `FunctionServices.deleteProvisionedConcurrencyConfig`. Source: recorded facts, no. 119. */
export async function deleteProvisionedConcurrencyConfig(
  room: FunctionRoom,
  scope: Scope,
  request: DeleteProvisionedConcurrencyConfigRequest,
): Promise<{ readonly functionArn: string }> {
  refuseViolations(referenceViolations(request.functionName, request.qualifier, 'FunctionName'))
  const { name, qualifier } = qualifiedReference(scope, request)
  if (qualifier === '$LATEST') throw neitherAliasNorVersion()
  const isFound = await withLockedFunction(room.prisma, scope, name, async (locked) => {
    await existingNumbers(locked, qualifier)
    await endProvisioned(locked, qualifier, room.clock)
    return true
  })
  if (isFound === null) throw notFound(scope, name, qualifier)
  await room.onConcurrencyChanged(scope)
  return { functionArn: functionArn(scope, name, qualifier) }
}

/** Refuses to point an alias that has a config where none could be put; else its environments follow it. */
export async function refuseProvisionedMove(
  { transaction, record }: LockedFunction,
  aliasName: string,
  target: PointedVersions,
): Promise<void> {
  const versionNumbers = pointedNumbers(target)
  const key = { functionId: record.id, qualifier: aliasName }
  const config = await transaction.provisionedConcurrencyConfig.findUnique({ where: { functionId_qualifier: key } })
  if (config === null) return
  if (versionNumbers.includes(0)) throw unpublishedVersion()
  await refuseProvisionedVersions({ transaction, record }, versionNumbers, ['input', 'functionVersion'])
  await announceProvisioned(transaction)
}

function qualifiedReference(scope: Scope, { functionName, qualifier }: { functionName: string; qualifier: string }) {
  const { name } = parseFunctionReference(scope, functionName, qualifier, 'FunctionName')
  return { name, qualifier }
}

/** What is missing where there is no function: the alias, or the version (recorded facts 58, 68 and 119). */
function notFound(scope: Scope, name: string, qualifier: string) {
  return qualifierTarget(qualifier).kind === 'ALIAS'
    ? aliasArnNotFound(scope, name, qualifier)
    : functionNotFound(scope, name, qualifier)
}

/** The numbers of the versions behind a qualifier; throws where it is not there. */
async function existingNumbers(locked: LockedFunction, qualifier: string): Promise<readonly number[]> {
  const numbers = await versionNumbersBehind(locked, qualifier)
  if (numbers === null) throw notFound(locked.record.scope, locked.record.name, qualifier)
  return numbers
}

/** Refuses what is not there, `$LATEST` behind an alias, and a version that is provisioned from its other side. */
async function refuseUnfit(locked: LockedFunction, qualifier: string): Promise<void> {
  const { transaction, record } = locked
  const versionNumbers = await existingNumbers(locked, qualifier)
  if (qualifierTarget(qualifier).kind === 'ALIAS') {
    if (versionNumbers.includes(0)) throw unpublishedVersion()
    return refuseProvisionedVersions(locked, versionNumbers)
  }
  const number = versionNumbers[0]!
  const aliases = await transaction.alias.findMany({
    where: { functionId: record.id, OR: [{ versionNumber: number }, { additionalNumber: number }] },
    select: { name: true },
  })
  const where = { functionId: record.id, qualifier: { in: aliases.map(({ name }) => name) } }
  if ((await transaction.provisionedConcurrencyConfig.count({ where })) > 0) throw aliasIsProvisioned()
}

async function refuseProvisionedVersions(
  { transaction, record }: Pick<LockedFunction, 'transaction' | 'record'>,
  versionNumbers: readonly number[],
  field?: readonly string[],
): Promise<void> {
  const where = { functionId: record.id, qualifier: { in: versionNumbers.map(versionName) } }
  if ((await transaction.provisionedConcurrencyConfig.count({ where })) > 0) throw versionIsProvisioned(field)
}

/** What there is already is kept and counted, up to what is asked for; failures of before are forgotten. */
async function upsert({ transaction, record }: LockedFunction, qualifier: string, requested: number, now: Date) {
  const key = { functionId: record.id, qualifier }
  const where = { functionId_qualifier: key }
  // The order of locks: the function's, the account's, the config's.
  const [present] = await transaction.$queryRawUnsafe<ProvisionedState[]>(
    lockProvisionedConfig.text,
    record.id,
    qualifier,
  )
  const next = nextProvisionedState(present ?? NOTHING_PROVISIONED, { kind: 'PUT' })
  const { status, statusReason, allocated, available } = next
  const data = {
    requested,
    lastModified: now,
    status,
    statusReason,
    allocated: Math.min(allocated, requested),
    available: Math.min(available, requested),
  }
  await transaction.provisionedEnvironment.updateMany({ where: key, data: { failure: null } })
  return transaction.provisionedConcurrencyConfig.upsert({ where, create: { ...key, ...data }, update: data })
}
