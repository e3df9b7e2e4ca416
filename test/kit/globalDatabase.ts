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

/**
 * Starts a PostgreSQL for each test file that runs at the same time, with a migrated database that every file's own is
 * copied from. In one for all, a transaction that one file keeps open would hold up the streams of the others.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers()
  const servers: TestServer[] = []
  // One after the other: the engine that migrates them is one for all.
  while (servers.length < project.vitest.config.maxWorkers) servers.push(await startServer())
  project.provide(
    'postgresUrls',
    servers.map(({ url }) => url),
  )
  return async () => {
    for (const { stop } of servers) await stop()
  }
}

interface TestServer {
  readonly url: string
  stop(): Promise<void>
}

async function startServer(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), PREFIX))
  chmodSync(folder, 0o755)
  const lock = lockFile(join(folder, 'lock'), (pid) => `${folder} is used by process ${pid}`)
  const server = await startEmbeddedPostgres({ dataFolder: folder, durability: 'DISCARDABLE', report: console.error })
  const admin = new pg.Client({ connectionString: server.url('postgres') })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${TEMPLATE}`)
  await admin.end()
  await migrate(server.url(TEMPLATE))
  return {
    url: server.url('postgres'),
    async stop() {
      await server.stop()
      lock[Symbol.dispose]()
      rmSync(folder, { recursive: true, force: true })
    },
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
    postgresUrls: readonly string[]
  }
}
