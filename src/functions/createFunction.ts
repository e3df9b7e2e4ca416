import { randomUUID } from 'node:crypto'
import { Prisma } from '../db/generated/client.ts'
import { configurationFault, configurationViolations, namedValues } from '../model/configurationRules.ts'
import { newNameFault, parseUnqualifiedReference, referenceViolations } from '../model/functionReference.ts'
import { refuseTooLargeTogether, usedLayerViolations } from '../model/layerRules.ts'
import type { ArchitectureName, Scope } from '../model/records.ts'
import { refuseViolations } from '../model/smithyConstraint.ts'
import { tagCountFault, tagFault, tagViolations } from '../model/tagRules.ts'
import { functionExists } from './functionFaults.ts'
import { type FunctionRow, functionRecord, versionRecord } from './functionRecords.ts'
import { announceRevisions, type FunctionRoom } from './functionRoom.ts'
import { chooseLayers } from './layers/chooseLayers.ts'
import type { CreateFunctionRequest } from './requests.ts'
import type { FunctionChange } from './services.ts'
import { versionData } from './versionData.ts'

/** See `FunctionServices.createFunction`. */
export async function createFunction(
  room: FunctionRoom,
  scope: Scope,
  request: CreateFunctionRequest,
): Promise<FunctionChange> {
  const name = checkedName(scope, request)
  if (await isTaken(room, scope, name)) throw functionExists(name)
  const layers = await chooseLayers(room.pool, scope, request.layers)
  // Begun together: looking for the runtime costs nothing while the code is unpacked for its checks.
  const [prepared, code] = await Promise.all([
    room.preparation.stateNow(request.runtime),
    room.intake.take(scope, request.code, false),
  ])
  refuseTooLargeTogether(code.unzippedSizeBytes, layers)
  const now = new Date(room.clock.now())
  const content = versionData({
    description: request.description,
    runtime: request.runtime,
    handler: request.handler,
    memoryMiB: request.memoryMiB,
    timeoutSeconds: request.timeoutSeconds,
    ephemeralStorageMiB: request.ephemeralStorageMiB,
    networkAccess: request.networkAccess,
    environment: namedValues(request.environment),
    architecture: request.architectures[0] as ArchitectureName,
    deadLetterTargetArn: request.deadLetterTargetArn || null,
    codeSha256: code.sha256,
    codeSizeBytes: code.sizeBytes,
    layers,
    ...prepared,
    lastModified: now,
  })
  // A runtime that cannot be had makes no version: a published one could never be changed into a working one.
  const isPublished = request.publish && prepared.state !== 'FAILED'
  const numbers = isPublished ? [0, 1] : [0]
  const row = await insertFunction(room, name, {
    id: randomUUID(),
    accountId: scope.accountId,
    region: scope.region,
    name,
    tags: namedValues(request.tags),
    createdAt: now,
    lastVersionNumber: isPublished ? 1 : 0,
    versions: {
      create: numbers.map((number) => ({ ...content, id: randomUUID(), number, revisionId: randomUUID() })),
    },
  })
  if (prepared.state === 'PENDING') room.preparation.finishSoon(request.runtime)
  await announceRevisions(room, row.id)
  const published = row.versions.find(({ number }) => number === 1)
  return { function: functionRecord(row), version: published === undefined ? null : versionRecord(published, row) }
}

/** Throws the faults of the request itself in AWS's order, and returns the function's name. */
function checkedName(scope: Scope, request: CreateFunctionRequest): string {
  refuseViolations([
    ...referenceViolations(request.functionName, null, 'FunctionName'),
    ...configurationViolations(request),
    ...usedLayerViolations(request.layers),
    ...tagViolations(request.tags),
  ])
  const name = parseUnqualifiedReference(scope, request.functionName)
  const fault =
    newNameFault(name) ??
    configurationFault(request) ??
    tagFault(request.tags) ??
    tagCountFault(namedValues(request.tags))
  if (fault !== null) throw fault
  return name
}

async function isTaken({ prisma }: FunctionRoom, scope: Scope, name: string): Promise<boolean> {
  const { accountId, region } = scope
  return (await prisma.function.count({ where: { accountId, region, name } })) > 0
}

async function insertFunction(
  { prisma }: FunctionRoom,
  name: string,
  data: Prisma.FunctionUncheckedCreateInput,
): Promise<FunctionRow> {
  try {
    return await prisma.function.create({ data, include: { versions: true } })
  } catch (cause) {
    // Somebody else took the name since it was looked up: the unique key decides.
    if (cause instanceof Prisma.PrismaClientKnownRequestError && cause.code === 'P2002') throw functionExists(name)
    throw cause
  }
}
