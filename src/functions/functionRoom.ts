import type { Pool } from 'pg'
import type { PrismaClient } from '../db/prismaClient.ts'
import type { Clock } from '../model/clock.ts'
import type { Scope } from '../model/records.ts'
import { LATEST_NUMBER } from '../model/version.ts'
import type { CodeIntake } from './codePackage/codeIntake.ts'
import { environmentKey } from './functionRecords.ts'
import type { RuntimePreparation } from './runtimePreparation.ts'
import { notifyRevisions } from './sql/notifyRevisions.ts'
import { USED_COLUMNS, type VersionInUse, versionInUse } from './versionsInUse.ts'

/** What the operations of the control plane share. */
export interface FunctionRoom {
  readonly prisma: PrismaClient
  readonly pool: Pool
  readonly clock: Clock
  readonly intake: CodeIntake
  readonly preparation: RuntimePreparation
  /** Told after each change which environments of a function may go on: those pooled by these keys. */
  readonly onRevisionsChanged: (functionId: string, keepKeys: ReadonlySet<string>) => void
  /** Told after each change of a function what its `$LATEST` will need when it is invoked. */
  readonly onVersionInUse: (version: VersionInUse) => void
  /** Told after each change of what functions of an account and region have reserved. */
  readonly onConcurrencyChanged: (scope: Scope) => Promise<void>
  /** Told of faults of the platform that nobody waits for. */
  readonly reportFault: (fault: unknown) => void
}

/**
 * Tells who is interested that a function's revisions are others now, on this node before it returns and on the others
 * as soon as they hear of it. The change is committed already, so a failure to do so does not become the caller's:
 * environments of old revisions then end with the next change of any function, or when they have been idle for long.
 */
export async function announceRevisions(room: FunctionRoom, functionId: string): Promise<void> {
  try {
    const select = { id: true, revisionId: true, number: true, ...USED_COLUMNS }
    const versions = await room.prisma.functionVersion.findMany({ where: { functionId }, select })
    room.onRevisionsChanged(functionId, new Set(versions.map(environmentKey)))
    const latest = versions.find(({ number }) => number === LATEST_NUMBER)
    if (latest !== undefined) room.onVersionInUse(versionInUse(latest))
    await room.pool.query(notifyRevisions)
  } catch (fault) {
    room.reportFault(fault)
  }
}
