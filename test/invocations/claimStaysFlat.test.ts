import { randomUUID } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createHistoryKeeper } from '../../src/db/history/historyKeeper.ts'
import { claimInvocations } from '../../src/invocations/sql/claimInvocations.ts'
import { systemClock } from '../../src/model/clock.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

const DAY_MS = 86_400_000
const DAYS = 30
const ROWS_OF_A_DAY = 7_000
const CLAIMED = 10

let test: TestDatabase

beforeAll(async () => {
  test = await createTestDatabase()
})
afterAll(() => test[Symbol.asyncDispose]())

/** Makes the partitions of today and of the days before it, as a service that has run for so long has them. */
async function keepDays(): Promise<void> {
  const { pool } = test.database
  for (let age = DAYS; age >= 0; age -= 1) {
    const clock = { ...systemClock(), now: () => Date.now() - age * DAY_MS }
    const onError = (error: unknown) => expect(error).toBeNull()
    const keeper = createHistoryKeeper({ pool, clock, retentionMs: null, onError })
    await keeper.start()
    await keeper.stop()
  }
}

/** Invocations that are over, some thousands a day: ids as UUIDv7, made where they are stored. */
const FINISHED = `
  INSERT INTO invocation (id, account_id, region, function_id, function_name, type, status, created_at, finished_at)
  SELECT (lpad(to_hex(at_ms), 12, '0') || '7' || substr(md5(at_ms::text), 1, 3) || '8' || substr(md5(at_ms::text), 4, 15))::uuid,
         '100000000001', 'us-east-1', $1, 'old', 'EVENT', 'SUCCEEDED', now(), now()
  FROM generate_series($2::bigint, $3::bigint, $4::bigint) at_ms`

const WAITING = `
  WITH waiting AS (
    INSERT INTO invocation (id, account_id, region, function_id, function_name, type, status, created_at, payload)
    SELECT id, '100000000001', 'us-east-1', $2, 'new', 'EVENT', 'QUEUED', now(), '{}' FROM unnest($1::uuid[]) id
    RETURNING id
  )
  INSERT INTO queued_invocation (id, account_id, region, function_id, due_at, expires_at)
  SELECT id, '100000000001', 'us-east-1', $2, now(), now() + interval '1 hour' FROM waiting`

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly Plan[]
}

/** Claims, undoes it, and gives how many pages that took, and which tables that are not empty were read from end to end. */
async function claim(): Promise<{ readonly pages: number; readonly scanned: readonly string[] }> {
  const client = await test.database.pool.connect()
  try {
    await client.query('BEGIN')
    const { rows } = await client.query({
      text: `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${claimInvocations.text}`,
      values: [randomUUID(), new Date(Date.now() + 60_000), CLAIMED],
    })
    const plan: Plan = rows[0]['QUERY PLAN'][0].Plan
    return { pages: pagesOf(plan), scanned: scannedTables(plan) }
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

const pagesOf = (plan: Plan) => plan['Shared Hit Blocks'] + plan['Shared Read Blocks']

function scannedTables(plan: Plan): string[] {
  const own = plan['Node Type'] === 'Seq Scan' && pagesOf(plan) > 0 ? [plan['Relation Name']!] : []
  return [...own, ...(plan.Plans ?? []).flatMap(scannedTables)]
}

it('a claim reads no more when a month of finished invocations lies behind it', async () => {
  const { pool } = test.database
  await keepDays()
  await pool.query(WAITING, [Array.from({ length: 200 }, () => uuid()), randomUUID()])
  await pool.query('ANALYZE')
  const before = await claim()

  const nowMs = Date.now()
  const stepMs = Math.floor(DAY_MS / ROWS_OF_A_DAY)
  await pool.query(FINISHED, [randomUUID(), nowMs - DAYS * DAY_MS, nowMs - DAY_MS, stepMs])
  await pool.query('ANALYZE')
  const { rows } = await pool.query<{ count: bigint }>("SELECT count(*) FROM invocation WHERE status = 'SUCCEEDED'")
  expect(Number(rows[0]!.count)).toBeGreaterThan(200_000)

  const after = await claim()
  expect(after.scanned.filter((table) => table.startsWith('invocation'))).toEqual([])
  expect(after.pages).toBeLessThanOrEqual(before.pages + 3 * CLAIMED)
}, 60_000)
