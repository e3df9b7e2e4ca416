import pg from 'pg'
import { StartFault } from '../errors.ts'
import { alignEventPositions } from './alignEventPositions.ts'
import { connectDatabase, type Database } from './database.ts'
import type { DataFolder } from './dataFolder.ts'
import { errorCode } from './errorCode.ts'
import { migrate } from './migrations/migrate.ts'
import { EMBEDDED_NAME } from './postgres/cluster.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './postgres/embeddedPostgres.ts'

/** A database that may have a server of its own behind it. */
export interface OpenedDatabase extends Database {
  /** Tells the embedded server to stop and does not wait for it: for a process that must end now. */
  abandon(): void
}

export interface OpenDatabaseOptions {
  readonly dataFolder: DataFolder
  /** Connection string of a PostgreSQL to use; null starts the embedded one. */
  readonly databaseUrl: string | null
  /** Told in one sentence what takes a while at the start. */
  readonly progress: (sentence: string) => void
  /** Told in one sentence what went wrong and was seen to later on: lost connections, a server that ended. */
  readonly report: (sentence: string) => void
}

/**
 * Starts the embedded PostgreSQL or takes the given one, applies what is missing of the migrations, and connects.
 * Throws a StartFault of one line where any of that fails; nothing is left running then.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<OpenedDatabase> {
  const { dataFolder, databaseUrl, progress, report } = options
  const server =
    databaseUrl === null ? await startEmbeddedPostgres({ dataFolder: dataFolder.path, report, progress }) : null
  const url = databaseUrl ?? server!.url()
  try {
    const applied = server === null ? await migrateGiven(url) : await migrateEmbedded(server)
    if (applied.length > 0) progress(`migrated the database: ${applied.join(', ')}`)
  } catch (error) {
    await server?.stop()
    throw error
  }
  const database = connectDatabase(url, dataFolder.instanceId, report)
  const slow = setTimeout(() => progress(READS_ALL), 1_000)
  try {
    const hasMoved = await alignEventPositions(database.pool)
    if (hasMoved)
      progress('the database has come from another PostgreSQL: new events go behind those that came with it')
  } catch (error) {
    await database.stop()
    await server?.stop()
    throw error
  } finally {
    clearTimeout(slow)
  }
  return {
    ...database,
    async stop() {
      await database.stop()
      await server?.stop()
    },
    abandon() {
      if (server !== null) process.kill(server.pid(), 'SIGINT')
    },
  }
}

const READS_ALL = 'looking for the latest event, as once in each PostgreSQL: some seconds for ten million of them'
const UNDEFINED_DATABASE = '3D000'

async function migrateEmbedded(server: EmbeddedPostgres): Promise<readonly string[]> {
  try {
    return await migrate(server.url())
  } catch (error) {
    if (errorCode(error) !== UNDEFINED_DATABASE) throw error
    const admin = new pg.Client({ connectionString: server.url('postgres') })
    await admin.connect()
    await admin.query(`CREATE DATABASE ${EMBEDDED_NAME}`)
    await admin.end()
    return await migrate(server.url())
  }
}

async function migrateGiven(url: string): Promise<readonly string[]> {
  try {
    return await migrate(url)
  } catch (error) {
    if (error instanceof StartFault) throw error
    throw new StartFault(`the database at ${addressOf(url)} cannot be used: ${reasonOf(error)}`, { cause: error })
  }
}

/** Where a database is, without who connects to it. */
function addressOf(url: string): string {
  const { host, database, port } = new pg.Client({ connectionString: url })
  return `${host.startsWith('/') ? host : `${host}:${port}`}/${database ?? ''}`
}

function reasonOf(error: unknown): string {
  // Node tries all addresses of a name and gathers what each said.
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
