import pg from 'pg'
import { StartFault } from '../../errors.ts'
import { errorCode } from '../errorCode.ts'
import { MIGRATIONS_FOLDER, type MigrationFile, readMigrations } from './migrationFiles.ts'

/** PostgreSQL's number of the lock under which migrations are applied: two nodes on one database take turns. */
const MIGRATION_LOCK = 7_220_426_101

interface AppliedMigration {
  readonly name: string
  readonly checksum: string
  readonly isFinished: boolean
}

/**
 * Brings a database to the state that this version of the service needs, and returns the names of the migrations that
 * were applied for it. Asks one cheap question when there is nothing to do. What is done is written where Prisma's own
 * command line writes it, so that both can be used on one database. Throws a StartFault for a database that a newer
 * version has migrated, or whose last migration failed.
 */
export async function migrate(url: string, folder: string = MIGRATIONS_FOLDER): Promise<readonly string[]> {
  const wanted = readMigrations(folder)
  const client = new pg.Client({ connectionString: url, application_name: 'lambdaql migrations' })
  // A connection that is lost makes the query that waits fail; without a listener it would end the process too.
  client.on('error', () => undefined)
  await client.connect()
  try {
    if (isComplete(wanted, await readApplied(client))) return []
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    if (isComplete(wanted, await readApplied(client))) return []
    return await applyMigrations(url, folder)
  } finally {
    await client.end()
  }
}

async function applyMigrations(url: string, folder: string): Promise<readonly string[]> {
  // Loaded only here: compiling the engine takes longer than all else of a start.
  const { EVERYTHING, loadSchemaEngine, migrationList } = await import('./schemaEngine.ts')
  const { engine, scriptError, dispose } = await loadSchemaEngine(url)
  try {
    const applied = await engine.applyMigrations({ migrationsList: migrationList(folder), filters: EVERYTHING })
    return applied.appliedMigrationNames
  } catch (error) {
    const { message } = scriptError() ?? (error as Error)
    throw new StartFault(`the database cannot be migrated: ${message.split('\n')[0]}`, { cause: error })
  } finally {
    await dispose()
  }
}

async function readApplied(client: pg.Client): Promise<readonly AppliedMigration[]> {
  try {
    const { rows } = await client.query<AppliedMigration>(
      `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS "isFinished"
         FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
    )
    return rows
  } catch (error) {
    const undefinedTable = '42P01'
    if (errorCode(error) === undefinedTable) return []
    throw error
  }
}

function isComplete(wanted: readonly MigrationFile[], applied: readonly AppliedMigration[]): boolean {
  const checksums = new Map(wanted.map(({ name, checksum }) => [name, checksum]))
  for (const { name, checksum, isFinished } of applied) {
    if (!checksums.has(name)) {
      throw new StartFault(
        `the database was migrated by a newer version of LambdaQL (it has ${name}); start that version or use another database`,
      )
    }
    if (!isFinished) {
      throw new StartFault(`the migration ${name} failed on this database; see the column logs of _prisma_migrations`)
    }
    if (checksums.get(name) !== checksum) {
      throw new StartFault(`the migration ${name} was changed after it had been applied to this database`)
    }
  }
  const finished = new Set(applied.map(({ name }) => name))
  return wanted.every(({ name }) => finished.has(name))
}
