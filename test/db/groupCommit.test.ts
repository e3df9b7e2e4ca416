import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createGroupCommit } from '../../src/db/groupCommit.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
  await database.database.pool.query('CREATE TABLE written (name text)')
})
afterAll(() => database[Symbol.asyncDispose]())

const insert = (name: string) => ({
  name: 'insert_written',
  text: 'INSERT INTO written VALUES ($1)',
  values: [name],
})

/** Holds the process up, as a suspended machine does. */
function standStill(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}

it('a commit that the server gave up, since its process stood still in the midst of it, is made again', async () => {
  let stalls = 1
  const retries: string[] = []
  const group = createGroupCommit<string>({
    async connect() {
      const client = new pg.Client({ connectionString: database.url, idle_in_transaction_session_timeout: 50 })
      await client.connect()
      return client
    },
    plan: (names) => ({
      fence: [],
      decide() {
        if (stalls-- > 0) standStill(400)
        return { kind: 'WRITE', statements: names.map(insert) }
      },
    }),
    onCommitted: () => undefined,
    onRetry: ({ message }) => retries.push(message),
  })
  await group.submit('alone', 1)
  await Promise.all([group.submit('one', 1), group.submit('other', 1)])
  await group.stop()
  const { rows } = await database.database.pool.query('SELECT name FROM written')
  expect(rows.map(({ name }) => name)).toEqual(['alone', 'one', 'other'])
  expect(retries).toHaveLength(1)
})
