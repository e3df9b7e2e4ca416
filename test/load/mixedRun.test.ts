import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compose, type Service } from '../../src/compose.ts'
import { connectDatabase } from '../../src/db/database.ts'
import { createLog } from '../../src/log.ts'
import { systemClock } from '../../src/model/clock.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction } from '../kit/invocationDocuments.ts'
import { testConfig } from '../kit/testConfig.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

const FUNCTIONS = 100
const EVENTS = 7_000
/** More than the limit, at once, of a function that takes its time: all of the limit is in use then. */
const CROWD = 32
const SYNCHRONOUS = 3_000
const LIMIT = 16
/** Retries come after 1 s and 2 s. */
const SPEED = 60
/** How many requests are on their way at the same time, to each node. */
const CONNECTIONS = 12

const INVOKE = `mutation ($input: InvokeInput!) { invoke(input: $input) { statusCode functionError userErrors { code } } }`

/** By the last digit of a function's number: most work, some fail now and then or always, one is turned off. */
const SUCCEEDS = 'export const handler = async ({ n }) => { console.log("n", n); return n }'
const WAITS = 'export const handler = async ({ n }) => { await new Promise((r) => setTimeout(r, n % 20)); return n }'
const FLAKY = 'export const handler = async ({ n }) => { if (Math.random() < 0.4) throw new Error("flaky"); return n }'
const FAILS = 'export const handler = async () => { throw new Error("always") }'
const EXITS = 'export const handler = async () => { process.exit(1) }'

function codeOf(number: number): string {
  if (number === 42) return EXITS
  switch (number % 10) {
    case 7:
      return WAITS
    case 8:
      return FLAKY
    case 9:
      return FAILS
    default:
      return SUCCEEDS
  }
}

const STAYS = 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 2_000))'
const nameOf = (number: number) => `mixed-${number}`
const OFF = 50

let testDatabase: TestDatabase
const folders: string[] = []
const nodes: Service[] = []
const clients: GraphqlClient[] = []

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  const clock = systemClock(SPEED)
  for (const instance of [1, 2]) {
    const dataFolder = await mkdtemp(join(tmpdir(), 'lambdaql-test-'))
    folders.push(dataFolder)
    const config = testConfig({
      dataFolder,
      databaseUrl: testDatabase.url,
      memoryBudgetMiB: 16_384,
      keepAliveMs: 86_400_000,
    })
    const database =
      instance === 1 ? testDatabase.database : connectDatabase(testDatabase.url, crypto.randomUUID(), () => undefined)
    nodes.push(await compose(config, database, createLog('error'), clock))
  }
  const token = nodes[0]!.firstToken!
  for (const { url } of nodes) clients.push(graphqlClient(url, token))
  await testDatabase.database.pool.query('UPDATE account_region SET concurrent_executions = $1', [LIMIT])
  await Promise.all(
    Array.from({ length: FUNCTIONS }, (_, number) => createNodeFunction(clients[0]!, nameOf(number), codeOf(number))),
  )
  await createNodeFunction(clients[0]!, 'stays', STAYS, { timeoutSeconds: 30 })
  await testDatabase.database.pool.query('UPDATE function SET reserved_concurrency = 0 WHERE name = $1', [nameOf(OFF)])
}, 120_000)

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await Promise.all(nodes.map((node) => node.stop(AbortSignal.timeout(10_000))))
  await testDatabase[Symbol.asyncDispose]()
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})

const seconds = (ms: number) => (ms / 1000).toFixed(1)

async function number(sql: string, values: readonly unknown[] = []): Promise<number> {
  const { rows } = await testDatabase.database.pool.query(`SELECT (${sql})::int AS value`, [...values])
  return rows[0].value
}

it('10,000 mixed invocations of 100 functions on two nodes all end, are counted alike everywhere, and keep the limit', async () => {
  const seen = { accepted: 0, ran: 0, failed: 0, throttled: 0 }
  let next = 0
  async function ask(client: GraphqlClient): Promise<void> {
    for (let n = next++; n < EVENTS + SYNCHRONOUS; n = next++) {
      // Seven events, then three that wait for their answer.
      const type = n % 10 < 7 ? 'EVENT' : 'REQUEST_RESPONSE'
      const functionName = nameOf((n * 37 + Math.floor(n / 10)) % FUNCTIONS)
      const { data, errors } = await client.query(INVOKE, { input: { functionName, type, payload: { n } } })
      expect(errors).toBeUndefined()
      const { statusCode, functionError, userErrors } = data.invoke
      if (statusCode === 202) seen.accepted += 1
      else if (statusCode === 200) {
        seen.ran += 1
        if (functionError !== null) seen.failed += 1
      } else {
        expect(userErrors).toEqual([{ code: 'TOO_MANY_REQUESTS' }])
        seen.throttled += 1
      }
    }
  }
  /** Asks until a limit lets it in. */
  async function stay(client: GraphqlClient): Promise<void> {
    for (;;) {
      const { data } = await client.query(INVOKE, { input: { functionName: 'stays' } })
      if (data.invoke.statusCode === 200) return
      expect(data.invoke.userErrors).toEqual([{ code: 'TOO_MANY_REQUESTS' }])
      seen.throttled += 1
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const beganMs = performance.now()
  await Promise.all(Array.from({ length: CROWD }, (_, index) => stay(clients[index % 2]!)))
  await Promise.all(clients.flatMap((client) => Array.from({ length: CONNECTIONS }, () => ask(client))))
  expect(seen.accepted).toBe(EVENTS)
  const askedMs = performance.now() - beganMs
  for (;;) {
    const left = await number('SELECT count(*) FROM queued_invocation')
    if (left === 0) break
    await new Promise((resolve) => setTimeout(resolve, 200))
  }

  const endedMs = performance.now() - beganMs

  // Every one that was accepted or run is recorded, in a final state that fits what it is.
  const { rows: byState } = await testDatabase.database.pool.query(
    `SELECT type, status, condition, count(*)::int AS count FROM invocation GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  )
  const total = (fits: (row: { type: string; status: string; condition: string | null }) => boolean) =>
    byState.filter(fits).reduce((sum, row) => sum + row.count, 0)
  expect(total(({ type }) => type === 'EVENT')).toBe(EVENTS)
  expect(total(({ type }) => type === 'REQUEST_RESPONSE')).toBe(seen.ran + CROWD)
  expect(total(({ type, status }) => type === 'REQUEST_RESPONSE' && status === 'FAILED')).toBe(seen.failed)
  expect(total(({ status }) => status !== 'SUCCEEDED' && status !== 'FAILED')).toBe(0)
  expect(total(({ condition }) => condition === 'ZeroReservedConcurrency')).toBe(
    await number(`SELECT count(*) FROM invocation WHERE type = 'EVENT' AND function_name = $1`, [nameOf(OFF)]),
  )
  // Who always fails has been tried three times, and everything that failed for good is a dead letter.
  expect(total(({ condition }) => condition === 'RetriesExhausted')).toBeGreaterThan(500)
  expect(
    await number(`SELECT count(*) FROM invocation WHERE condition = 'RetriesExhausted' AND
      (SELECT count(*) FROM attempt WHERE attempt.invocation_id = invocation.id AND outcome = 'FAILED') <> 3`),
  ).toBe(0)
  expect(await number('SELECT count(*) FROM dead_letter')).toBe(
    await number(`SELECT count(*) FROM invocation WHERE type = 'EVENT' AND status = 'FAILED'`),
  )

  // Attempts, ledger and logs tell the same.
  const ended = await number(`SELECT count(*) FROM attempt WHERE outcome IN ('SUCCEEDED', 'FAILED')`)
  expect(await number(`SELECT count(*) FROM ledger_entry WHERE type = 'INVOCATION'`)).toBe(ended)
  expect(await number(`SELECT sum(requests) FROM monthly_usage`)).toBe(ended)
  for (const line of ['START', 'END', 'REPORT']) {
    const logged = await number(`SELECT count(*) FROM log_event WHERE source = 'PLATFORM' AND message LIKE $1`, [
      `${line} RequestId%`,
    ])
    expect({ line, logged }).toEqual({ line, logged: ended })
  }
  // Throttles are those that callers were told of and those that put events back into the queue.
  const ofEvents = await number(
    `SELECT count(*) FROM invocation_event WHERE type = 'RETRY_SCHEDULED' AND attempt IS NULL`,
  )
  const ofOff = total(({ condition }) => condition === 'ZeroReservedConcurrency')
  expect(await number('SELECT count(*) FROM throttle_event')).toBe(seen.throttled + ofEvents + ofOff)
  expect(ofEvents).toBeGreaterThan(0)

  // From START to END an attempt runs: at no moment more of them than the limit, at some moment as many.
  const most = await number(`
    SELECT max(running) FROM (
      SELECT sum(change) OVER (ORDER BY timestamp, change) AS running FROM (
        SELECT timestamp, CASE WHEN message LIKE 'START%' THEN 1 ELSE -1 END AS change
        FROM log_event WHERE source = 'PLATFORM' AND (message LIKE 'START RequestId%' OR message LIKE 'END RequestId%')
      ) changes
    ) sums`)
  console.log(
    `${ended} attempts of ${EVENTS + seen.ran + CROWD} invocations, ${seen.throttled + ofEvents + ofOff} throttles, ` +
      `at most ${most} at a time; asked for in ${seconds(askedMs)} s, all ended after ${seconds(endedMs)} s`,
  )
  expect(most).toBe(LIMIT)
}, 240_000)
