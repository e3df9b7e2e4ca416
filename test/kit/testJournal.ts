import type { Pool } from 'pg'
import { connectClient, createPool } from '../../src/db/pool.ts'
import { type Broker, createBroker } from '../../src/events/broker.ts'
import { createWakeups, type Wakeups } from '../../src/events/wakeups.ts'
import { createJournal, type Journal } from '../../src/invocations/journal.ts'
import { createTestDatabase } from './testDatabase.ts'

/** A journal, a broker and the database below them, without the rest of the service. */
export interface TestJournal extends AsyncDisposable {
  readonly url: string
  readonly database: Pool
  readonly wakeups: Wakeups
  readonly broker: Broker
  readonly journal: Journal
  /** Another node's journal on the same database; its commits wake nobody here. */
  newJournal(): Journal
}

export async function createTestJournal(): Promise<TestJournal> {
  const testDatabase = await createTestDatabase()
  const { url } = testDatabase
  const database = createPool(url, { onLost: () => undefined })
  const wakeups = createWakeups()
  const broker = createBroker({ wakeups, onError: (error) => console.error(error) })
  const journals: Journal[] = []
  const newJournal = (wake: (topics: ReadonlySet<string>, transactionId: bigint) => void = () => undefined) => {
    const created = createJournal({
      connect: () => connectClient(url, { applicationName: 'journal', onLost: () => undefined }),
      wake,
      onRetry: () => undefined,
    })
    journals.push(created)
    return created
  }
  return {
    url,
    database,
    wakeups,
    broker,
    journal: newJournal(wakeups.wake),
    newJournal: () => newJournal(),
    async [Symbol.asyncDispose]() {
      broker.stop()
      await Promise.all(journals.map((created) => created.stop()))
      await database.end()
      await testDatabase[Symbol.asyncDispose]()
    },
  }
}
