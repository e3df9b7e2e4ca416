import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createListener } from '../../src/db/listen.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

let testDatabase: TestDatabase
beforeAll(async () => {
  testDatabase = await createTestDatabase()
})
afterAll(() => testDatabase[Symbol.asyncDispose]())

const notify = (channel: string, payload: string) =>
  testDatabase.database.pool.query('SELECT pg_notify($1, $2)', [channel, payload])

function subscribe(channel: string) {
  const lost: unknown[] = []
  const listener = createListener(testDatabase.url, (error) => lost.push(error))
  const heard: string[] = []
  let beginnings = 0
  const add = () =>
    listener.subscribe(
      channel,
      (payload) => heard.push(payload),
      () => {
        beginnings += 1
      },
    )
  return { listener, heard, lost, add, beginnings: () => beginnings }
}

test('what is sent after the beginning was told is heard, in order', async () => {
  const { listener, heard, add, beginnings } = subscribe('one')
  add()
  expect(beginnings()).toBe(0)
  await vi.waitUntil(() => beginnings() === 1)
  for (const payload of ['a', 'b', 'c']) await notify('one', payload)
  await notify('other', 'd')
  await vi.waitUntil(() => heard.length === 3)
  expect(heard).toEqual(['a', 'b', 'c'])
  await listener.stop()
})

test('a lost connection comes back, and the subscribers are told to look for themselves', async () => {
  const { listener, heard, lost, add, beginnings } = subscribe('two')
  add()
  await vi.waitUntil(() => beginnings() === 1)
  await testDatabase.database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'lambdaql listener' AND datname = current_database()`,
  )
  await vi.waitUntil(() => beginnings() === 2)
  expect(lost).toHaveLength(1)
  await notify('two', 'again')
  await vi.waitUntil(() => heard.length === 1)
  await listener.stop()
})

test('a second subscriber of a channel is told of its own beginning', async () => {
  const { listener, heard, add, beginnings } = subscribe('three')
  add()
  await vi.waitUntil(() => beginnings() === 1)
  const second = add()
  await vi.waitUntil(() => beginnings() === 2)
  await notify('three', 'both')
  await vi.waitUntil(() => heard.length === 2)
  second[Symbol.dispose]()
  await notify('three', 'one')
  await vi.waitUntil(() => heard.length === 3)
  await listener.stop()
})

test('a listener that stops leaves no connection', async () => {
  const { listener, add, beginnings } = subscribe('four')
  add()
  await vi.waitUntil(() => beginnings() === 1)
  await listener.stop()
  await vi.waitUntil(async () => {
    const { rows } = await testDatabase.database.pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE application_name = 'lambdaql listener' AND datname = current_database()`,
    )
    return rows.length === 0
  })
})
