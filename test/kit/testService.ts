import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose } from '../../src/compose.ts'
import type { Config } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { type Clock, systemClock } from '../../src/model/clock.ts'
import { testConfig } from './testConfig.ts'
import { createTestDatabase, type TestDatabase } from './testDatabase.ts'

/** A whole service in this process, on a database and a data folder of its own, listening on a free port. */
export interface TestService extends AsyncDisposable {
  /** For example `http://127.0.0.1:43211`. */
  readonly url: string
  /** Secret of the admin token of the first account. */
  readonly token: string
  readonly database: TestDatabase['database']
  readonly config: Config
}

export interface TestServiceOptions {
  readonly clock?: Clock
  readonly config?: Partial<Config>
}

export async function startTestService({
  clock = systemClock(),
  config: changes = {},
}: TestServiceOptions = {}): Promise<TestService> {
  const testDatabase = await createTestDatabase()
  const dataFolder = await mkdtemp(join(tmpdir(), 'lambdaql-test-'))
  const config = testConfig({ dataFolder, databaseUrl: testDatabase.url, ...changes })
  const service = await compose(config, testDatabase.database, createLog(config.logLevel), clock)
  if (service.firstToken === null) throw new Error('a new database already has a token')
  return {
    url: service.url,
    token: service.firstToken,
    database: testDatabase.database,
    config,
    async [Symbol.asyncDispose]() {
      await service.stop(AbortSignal.timeout(config.drainMs))
      await testDatabase[Symbol.asyncDispose]()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
