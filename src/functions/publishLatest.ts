import { randomUUID } from 'node:crypto'
import type { VersionRecord } from '../model/records.ts'
import { wrongState } from './functionFaults.ts'
import { versionRecord } from './functionRecords.ts'
import type { LockedFunction } from './lockedFunction.ts'
import { versionData } from './versionData.ts'

/**
 * Publishes `$LATEST` as it is in `locked`, and gives it a new revision (recorded facts, no. 53). Where code and
 * configuration are those of the newest published version, nothing changes and that version is returned, whatever the
 * descriptions are (no. 52). Numbers are never used again (no. 54). A function that cannot be prepared is a
 * RESOURCE_CONFLICT.
 */
export async function publishLatest(
  locked: LockedFunction,
  description: string | null,
  nowMs: number,
): Promise<VersionRecord> {
  const { transaction, record, lastVersionNumber } = locked
  const { id: functionId, latest } = record
  if (latest.state === 'FAILED') throw wrongState('FAILED', latest.stateReason)
  const owner = { ...record.scope, name: record.name }
  const newest = await transaction.functionVersion.findFirst({
    where: { functionId, number: { gt: 0 } },
    orderBy: { number: 'desc' },
  })
  if (newest !== null) {
    const published = versionRecord(newest, owner)
    if (hasSameContent(published, latest)) return published
  }
  const number = lastVersionNumber + 1
  const published = await transaction.functionVersion.create({
    data: {
      ...versionData(latest),
      functionId,
      number,
      id: randomUUID(),
      revisionId: randomUUID(),
      description: description ?? latest.description,
      lastModified: new Date(nowMs),
    },
  })
  await transaction.function.update({ where: { id: functionId }, data: { lastVersionNumber: number } })
  await transaction.functionVersion.update({ where: { id: latest.id }, data: { revisionId: randomUUID() } })
  return versionRecord(published, owner)
}

function hasSameContent(a: VersionRecord, b: VersionRecord): boolean {
  return contentOf(a) === contentOf(b)
}

// Environments are sorted by name in records, so equal contents have equal texts.
function contentOf(version: VersionRecord): string {
  const { runtime, handler, memoryMiB, timeoutSeconds, ephemeralStorageMiB, environment, architecture } = version
  return JSON.stringify([
    runtime,
    handler,
    memoryMiB,
    timeoutSeconds,
    ephemeralStorageMiB,
    environment,
    architecture,
    version.networkAccess,
    version.codeSha256,
    version.deadLetterTargetArn,
    version.layers.map(({ layerVersionArn }) => layerVersionArn),
  ])
}
