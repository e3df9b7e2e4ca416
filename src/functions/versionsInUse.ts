import type { PrismaClient } from '../db/prismaClient.ts'
import type { SandboxShape } from '../environments/contract.ts'
import { execWrapperOf } from '../model/execWrapper.ts'
import type { NetworkAccess } from '../model/records.ts'
import { LATEST_NUMBER } from '../model/version.ts'
import { knownRuntime } from './functionRecords.ts'

/** What a version needs when it is invoked, and what takes a while. */
export interface VersionInUse {
  readonly shape: SandboxShape
  /** Lower-case hexadecimal. */
  readonly codeSha256: string
}

/** The columns that say it. */
export const USED_COLUMNS = {
  runtime: true,
  memoryMiB: true,
  ephemeralStorageMiB: true,
  networkAccess: true,
  layers: true,
  environment: true,
  codeSha256: true,
} as const

interface UsedRow {
  readonly runtime: string
  readonly memoryMiB: number
  readonly ephemeralStorageMiB: number
  readonly networkAccess: string
  readonly layers: unknown
  readonly environment: unknown
  readonly codeSha256: Uint8Array
}

/** What the version of a row needs. Throws a PlatformFault for a runtime that only a newer service knows. */
export function versionInUse(row: UsedRow): VersionInUse {
  const runtime = knownRuntime(row.runtime)
  return {
    shape: {
      runtime,
      memoryMiB: row.memoryMiB,
      ephemeralStorageMiB: row.ephemeralStorageMiB,
      networkAccess: row.networkAccess as NetworkAccess,
      layerSha256s: (row.layers as { codeSha256: string }[]).map(({ codeSha256 }) => codeSha256),
      execWrapper: execWrapperOf(runtime, row.environment as Record<string, string>),
    },
    codeSha256: Buffer.from(row.codeSha256).toString('hex'),
  }
}

/** Enough to know what a service that was just started will need first. */
const MOST_ROWS = 32

/** Of the functions that were changed last, the last one first. */
export async function versionsInUse(prisma: PrismaClient): Promise<VersionInUse[]> {
  const rows = await prisma.functionVersion.findMany({
    where: { number: LATEST_NUMBER, state: 'ACTIVE' },
    orderBy: { lastModified: 'desc' },
    take: MOST_ROWS,
    select: USED_COLUMNS,
  })
  return rows.map(versionInUse)
}
