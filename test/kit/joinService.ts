import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose } from '../../src/compose.ts'
import { connectDatabase } from '../../src/db/database.ts'
import { createLog } from '../../src/log.ts'
import { type Clock, systemClock } from '../../src/model/clock.ts'
import type { TestService } from './testService.ts'

/** Another node of a service. */
export interface TestNode {
  readonly url: string
  stop(): Promise<void>
}

/** Starts a second node beside a service: configured alike, on the same database, with a data folder of its own. */
export async function joinService(service: TestService, clock: Clock = systemClock()): Promise<TestNode> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'lambdaql-second-'))
  const config = { ...service.config, dataFolder }
  const database = connectDatabase(config.databaseUrl!, randomUUID(), () => undefined)
  const node = await compose(config, database, createLog(config.logLevel), clock)
  return {
    url: node.url,
    async stop() {
      await node.stop(AbortSignal.timeout(5_000))
      await database.stop()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
