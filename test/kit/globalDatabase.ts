import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { lockFile, lockHolder } from '../../src/db/folderLock.ts'
import { migrate } from '../../src/db/migrations/migrate.ts'
import { startEmbeddedPostgres } from '../../src/db/postgres/embeddedPostgres.ts'
import { stopLeftover } from '../../src/db/postgres/leftover.ts'
import { TEMPLATE } from './testDatabase.ts'

const PREFIX = 'lambdaql-tests-'

/** Starts one PostgreSQL for the whole run, with a migrated database that every test file's own is copied from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers()
  const folder = mkdtempSync(join(tmpdir(), PREFIX))
  chmodSync(folder, 0o755)
  const lock = lockFile(join(folder, 'lock'), (pid) => `${folder} is used by process ${pid}`)
  const server = await startEmbeddedPostgres({ dataFolder: folder, durability: 'DISCARDABLE', report: console.error })
  const admin = new pg.Client({ connectionString: server.url('postgres') })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${TEMPLATE}`)
  await admin.end()
  await migrate(server.url(TEMPLATE))
  project.provide('postgresUrl', server.url('postgres'))
  return async () => {
    await server.stop()
    lock[Symbol.dispose]()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What runs that were killed have left. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name)
    if (!name.startsWith(PREFIX) || !readdirSync(folder).includes('lock')) continue
    if (lockHolder(join(folder, 'lock')) !== null) continue
    await stopLeftover(join(folder, 'postgres'))
    rmSync(folder, { recursive: true, force: true })
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the run's PostgreSQL. */
    postgresUrl: string
  }
}
