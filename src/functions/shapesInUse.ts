import type { PrismaClient } from '../db/prismaClient.ts'
import type { SandboxShape } from '../environments/contract.ts'
import type { NetworkAccess } from '../model/records.ts'
import { LATEST_NUMBER } from '../model/version.ts'
import { knownRuntime } from './functionRecords.ts'

/** The columns of a version that say of what shape the sandboxes of its environments are. */
export const SHAPE_COLUMNS = {
  runtime: true,
  memoryMiB: true,
  ephemeralStorageMiB: true,
  networkAccess: true,
  layers: true,
} as const

interface ShapeRow {
  readonly runtime: string
  readonly memoryMiB: number
  readonly ephemeralStorageMiB: number
  readonly networkAccess: string
  readonly layers: unknown
}

/** Of what shape the sandboxes of a version are. Throws a PlatformFault for a runtime that only a newer service knows. */
export function shapeOf(row: ShapeRow): SandboxShape {
  return {
    runtime: knownRuntime(row.runtime),
    memoryMiB: row.memoryMiB,
    ephemeralStorageMiB: row.ephemeralStorageMiB,
    networkAccess: row.networkAccess as NetworkAccess,
    layerSha256s: (row.layers as { codeSha256: string }[]).map(({ codeSha256 }) => codeSha256),
  }
}

/** Enough to know what a service that was just started will need first. */
const MOST_ROWS = 32

/** The shapes of the functions that were changed last, the last one first; shapes may stand there several times. */
export async function shapesInUse(prisma: PrismaClient): Promise<SandboxShape[]> {
  const rows = await prisma.functionVersion.findMany({
    where: { number: LATEST_NUMBER, state: 'ACTIVE' },
    orderBy: { lastModified: 'desc' },
    take: MOST_ROWS,
    select: SHAPE_COLUMNS,
  })
  return rows.map(shapeOf)
}
