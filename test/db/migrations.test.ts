import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrate } from '../../src/db/migrations/migrate.ts'
import { readMigrations } from '../../src/db/migrations/migrationFiles.ts'
import { pendingChange, writeMigration } from '../../src/db/migrations/writeMigration.ts'
import { withDatabase } from '../../src/db/url.ts'
import { StartFault } from '../../src/errors.ts'
import { postgresUrl } from '../kit/postgresUrl.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { createTestDatabase } from '../kit/testDatabase.ts'

describe('the migrations', () => {
  test('lead to exactly what schema.prisma says', async () => {
    expect(await pendingChange(postgresUrl())).toBe('')
  })

  test('are kept where Prisma keeps them, with the checksums of the files', async () => {
    await using migrated = await createTestDatabase()
    const { rows } = await migrated.database.pool.query(
      'SELECT migration_name AS name, checksum FROM _prisma_migrations ORDER BY migration_name',
    )
    expect(rows).toEqual(readMigrations().map(({ name, checksum }) => ({ name, checksum })))
  })

  test('are not applied a second time', async () => {
    await using migrated = await createTestDatabase()
    expect(await migrate(migrated.url)).toEqual([])
  })

  test('leave no shadow database behind', async () => {
    await pendingChange(postgresUrl())
    await using client = await connected(postgresUrl())
    const { rows } = await client.query(`SELECT datname FROM pg_database WHERE datname LIKE 'lambdaql_shadow_%'`)
    expect(rows).toEqual([])
  })
})

describe('migrating', () => {
  const name = `migrating_${process.pid}`
  let url: string

  beforeAll(async () => {
    await using client = await connected(postgresUrl())
    await client.query(`CREATE DATABASE ${name}`)
    url = withDatabase(postgresUrl(), name)
  })
  afterAll(async () => {
    await using client = await connected(postgresUrl())
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`)
  })

  test('two nodes that start at once apply each migration once', async () => {
    const applied = await Promise.all([migrate(url), migrate(url), migrate(url)])
    expect(applied.flat()).toEqual(readMigrations().map((migration) => migration.name))
  })

  test('refuses a database that a newer version has migrated', async () => {
    using older = folderWith({})
    await expect(migrate(url, older.path)).rejects.toThrow(/migrated by a newer version.*it has \d{14}_first/)
  })

  test('refuses a migration that was changed after it had been applied', async () => {
    const [first] = readMigrations()
    using folder = folderWith({ [first!.name]: `${first!.sql}\n-- changed` })
    await expect(migrate(url, folder.path)).rejects.toThrow(StartFault)
    await expect(migrate(url, folder.path)).rejects.toThrow(/was changed after it had been applied/)
  })

  test('a migration that fails leaves nothing of itself, and is named by the next start', async () => {
    const known = Object.fromEntries(readMigrations().map((migration) => [migration.name, migration.sql]))
    using folder = folderWith({ ...known, '29990101000000_broken': 'CREATE TABLE half_done (id int); SELECT 1 / 0;' })
    await expect(migrate(url, folder.path)).rejects.toThrow(/cannot be migrated.*division by zero/s)
    await using client = await connected(url)
    const { rows } = await client.query(`SELECT to_regclass('half_done') AS half_done`)
    expect(rows).toEqual([{ half_done: null }])
    await expect(migrate(url, folder.path)).rejects.toThrow(/the migration 29990101000000_broken failed/)
  })
})

describe('writing a migration', () => {
  test('writes nothing where schema.prisma has not changed', async () => {
    expect(await writeMigration(postgresUrl(), 'nothing', new Date())).toBeNull()
  })

  test('writes the change from an empty history to the whole schema', async () => {
    using folder = folderWith({ '20000101000000_functions': eventFunction() })
    const path = await writeMigration(postgresUrl(), 'all', new Date('2026-11-23T01:02:03Z'), folder.path)
    expect(path).toBe(join(folder.path, '20261123010203_all', 'migration.sql'))
    expect(readFileSync(path!, 'utf8')).toContain('CREATE TABLE "function_version"')
  })
})

/** The tables' defaults call it, so it must be there before them. */
function eventFunction(): string {
  return readMigrations()[0]!.sql.match(/CREATE FUNCTION event_transaction_id.*?\$\$.*?\$\$;/s)![0]
}

function folderWith(migrations: Record<string, string>): TemporaryFolder {
  const folder = temporaryFolder()
  writeFileSync(join(folder.path, 'migration_lock.toml'), 'provider = "postgresql"\n')
  for (const [migration, sql] of Object.entries(migrations)) {
    mkdirSync(join(folder.path, migration))
    writeFileSync(join(folder.path, migration, 'migration.sql'), sql)
  }
  return folder
}

async function connected(connectionString: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}
