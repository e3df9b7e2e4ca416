import type pg from 'pg'
import { createListener, type Listener } from './listen.ts'
import { createPool } from './pool.ts'
import { createPrismaClient, type PrismaClient } from './prismaClient.ts'

/** Everything that the rooms use of a migrated database. */
export interface Database {
  /** Connection string, for those who need connections of their own. */
  readonly url: string
  /** For the prepared statements of the hot path; see RESULT_TYPES for how values come back. */
  readonly pool: pg.Pool
  /** For the control plane's tables. */
  readonly prisma: PrismaClient
  /** Hears NOTIFY. */
  readonly listener: Listener
  /** UUID of the data folder: two processes never share one. For the table `node`. */
  readonly instanceId: string
  /** Ends all connections, and the server where it is our own. */
  stop(): Promise<void>
}

/** Connects to a migrated database. Nothing is opened before it is used. `report` is told of lost connections. */
export function connectDatabase(url: string, instanceId: string, report: (sentence: string) => void): Database {
  const onLost = (error: unknown) =>
    report(`a connection to the database was lost: ${error instanceof Error ? error.message : String(error)}`)
  const pool = createPool(url, { onLost })
  const prisma = createPrismaClient(url, onLost)
  const listener = createListener(url, onLost)
  return {
    url,
    pool,
    prisma,
    listener,
    instanceId,
    async stop() {
      await Promise.all([listener.stop(), pool.end(), prisma.$disconnect()])
    },
  }
}
