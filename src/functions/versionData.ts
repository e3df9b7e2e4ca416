import type { UsedLayer } from '../model/layer.ts'
import type { VersionRecord } from '../model/records.ts'

/** A version's layers as its row holds them. */
export function layersData(layers: readonly UsedLayer[]) {
  return layers.map((layer) => ({ ...layer }))
}

/** What a version's row holds besides its place and revision, for Prisma. */
export function versionData(
  version: Omit<VersionRecord, 'id' | 'functionId' | 'number' | 'revisionId' | 'scope' | 'functionName'>,
) {
  return {
    description: version.description,
    runtime: version.runtime,
    handler: version.handler,
    memoryMiB: version.memoryMiB,
    timeoutSeconds: version.timeoutSeconds,
    ephemeralStorageMiB: version.ephemeralStorageMiB,
    networkAccess: version.networkAccess,
    environment: { ...version.environment },
    architecture: version.architecture,
    codeSha256: Buffer.from(version.codeSha256, 'hex'),
    codeSizeBytes: version.codeSizeBytes,
    layers: layersData(version.layers),
    state: version.state,
    stateReason: version.stateReason,
    lastModified: version.lastModified,
    deadLetterTargetArn: version.deadLetterTargetArn,
  }
}
