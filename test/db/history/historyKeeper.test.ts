import type { Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHistoryKeeper, keepHistory } from '../../../src/db/history/historyKeeper.ts'
import { DAY_MS, firstKey } from '../../../src/model/historyDays.ts'
import { drivenClock } from '../../kit/drivenClock.ts'
import { createTestDatabase, type TestDatabase } from '../../kit/testDatabase.ts'

const NOW = Date.UTC(2026, 10, 23, 12)
const MONTH_MS = 30 * DAY_MS

describe('the keeper of the history', () => {
  let own: TestDatabase
  let pool: Pool
  beforeEach(async () => {
    own = await createTestDatabase()
    pool = own.database.pool
  })
  afterEach(() => own[Symbol.asyncDispose]())

  test('makes today and two days ahead, and nodes that start at once make each day once', async () => {
    await Promise.all([1, 2, 3].map(() => keepHistory(pool, NOW, MONTH_MS)))
    expect(await partitionsOf('log_event')).toEqual([
      'log_event_20261123',
      'log_event_20261124',
      'log_event_20261125',
      'log_event_default',
    ])
    expect(await partitionsOf('invocation')).toHaveLength(4)
  })

  test('keeps rows that came before their day had a partition, and moves them there', async () => {
    await insertInvocation(NOW)
    expect(await placeOf(NOW)).toBe('history.invocation_default')
    await keepHistory(pool, NOW, MONTH_MS)
    expect(await placeOf(NOW)).toBe('history.invocation_20261123')
  })

  test('drops days that lie wholly behind the retention, and no younger one', async () => {
    for (const at of [NOW - MONTH_MS - DAY_MS, NOW - MONTH_MS]) {
      await keepHistory(pool, at, null)
      await insertInvocation(at)
    }
    await keepHistory(pool, NOW, MONTH_MS)
    expect((await partitionsOf('invocation'))[0]).toBe('invocation_20261024')
    expect(await placeOf(NOW - MONTH_MS - DAY_MS)).toBeNull()
    expect(await placeOf(NOW - MONTH_MS)).toBe('history.invocation_20261024')
  })

  test('deletes from the default partition what is older', async () => {
    await insertInvocation(NOW - 2 * MONTH_MS)
    await keepHistory(pool, NOW, MONTH_MS)
    expect(await placeOf(NOW - 2 * MONTH_MS)).toBeNull()
  })

  test('judges what has no day of its own by when it happened, whatever its id', async () => {
    // A UUIDv4 may be smaller than every UUIDv7 of today, or larger.
    const lowest = '00000000-0000-4000-8000-000000000000'
    const highest = 'ffffffff-ffff-4fff-bfff-ffffffffffff'
    await insertInvocation(NOW, lowest)
    await insertInvocation(NOW - 2 * MONTH_MS, highest)
    for (const [id, at] of [
      [lowest, NOW],
      [highest, NOW - 2 * MONTH_MS],
    ] as const) {
      await pool.query(
        `INSERT INTO attempt (invocation_id, number, outcome, version_number, node_id, is_cold_start, log_stream_name, started_at)
         VALUES ($1, 1, 'SUCCEEDED', 0, $1, false, '', $2)`,
        [id, new Date(at)],
      )
      await pool.query(`INSERT INTO invocation_event (invocation_id, type, "timestamp") VALUES ($1, 'SUCCEEDED', $2)`, [
        id,
        new Date(at),
      ])
    }
    await keepHistory(pool, NOW, MONTH_MS)
    const { rows } = await pool.query(
      `SELECT 'invocation' AS kept, id FROM invocation UNION ALL SELECT 'attempt', invocation_id FROM attempt
       UNION ALL SELECT 'event', invocation_id FROM invocation_event ORDER BY 1`,
    )
    expect(rows).toEqual(['attempt', 'event', 'invocation'].map((kept) => ({ kept, id: lowest })))
  })

  test('deletes executions that ended before the retention, with their histories, and keeps those that run', async () => {
    const old = NOW - 2 * MONTH_MS
    const execute = (id: string, endedAtMs: number | null) =>
      pool.query(
        `INSERT INTO execution (id, account_id, region, state_machine_id, state_machine_name, machine_type, name,
           definition_sha256, role_arn, status, input, started_at, stopped_at, seed, last_event_id, transitions, sequence)
         VALUES ($1::uuid, '100000000001', 'us-east-1', $1::uuid, 'm', 'STANDARD', $1::text, '', '', $2, '{}', $3, $4, 0, 1, 1, 1)`,
        [id, endedAtMs === null ? 'RUNNING' : 'SUCCEEDED', new Date(old), endedAtMs && new Date(endedAtMs)],
      )
    const ids = [1, 2, 3].map((index) => String(firstKey('UUID', old + index)))
    await execute(ids[0]!, old)
    await execute(ids[1]!, NOW - DAY_MS)
    await execute(ids[2]!, null)
    await pool.query(
      `INSERT INTO execution_event (execution_id, id, previous_event_id, type, timestamp)
       SELECT id, 1, 0, 'ExecutionStarted', started_at FROM execution`,
    )
    await keepHistory(pool, NOW, MONTH_MS)
    const { rows } = await pool.query('SELECT id FROM execution ORDER BY id')
    expect(rows.map(({ id }) => id)).toEqual(ids.slice(1))
    expect((await pool.query('SELECT FROM execution_event')).rowCount).toBe(2)
  })

  test('drops nothing without a retention', async () => {
    await insertInvocation(NOW - 2 * MONTH_MS)
    await keepHistory(pool, NOW, null)
    expect(await placeOf(NOW - 2 * MONTH_MS)).not.toBeNull()
  })

  test('never drops an unfinished invocation, however old it is', async () => {
    const old = NOW - 2 * MONTH_MS
    await keepHistory(pool, old, null)
    await insertInvocation(old)
    await pool.query(
      `INSERT INTO queued_invocation (id, account_id, region, function_id, due_at, expires_at)
       VALUES ($1, '000000000000', 'us-east-1', $1, now(), now())`,
      [idOf(old)],
    )
    await keepHistory(pool, NOW, MONTH_MS)
    expect(await placeOf(old)).toBe('history.invocation_20260924')
    await pool.query('DELETE FROM queued_invocation')
    await keepHistory(pool, NOW, MONTH_MS)
    expect(await placeOf(old)).toBeNull()
  })

  test('takes what names an invocation along with its day: dead letters, ended deliveries, idempotency keys', async () => {
    const SCOPED = `'000000000000', 'us-east-1'`
    for (const at of [NOW - 2 * MONTH_MS, NOW]) {
      const id = idOf(at)
      const time = new Date(at)
      await pool.query(`INSERT INTO dead_letter VALUES ($1, $1, 'RetriesExhausted', $2)`, [id, time])
      await pool.query(`INSERT INTO invocation_key VALUES ($1, 'key', '\\x00', $1, NULL, $2)`, [id, time])
      for (const [status, ended] of [
        ['DELIVERED', time],
        ['PENDING', null],
      ]) {
        await pool.query(
          `INSERT INTO delivery (id, account_id, region, invocation_id, function_id, function_name, purpose, target_arn,
             source_arn, body, trace_header, status, created_at, due_at, ended_at)
           VALUES (gen_random_uuid(), ${SCOPED}, $1, $1, 'f', 'DEAD_LETTER', '', '', '', '', $2, $3, $3, $4)`,
          [id, status, time, ended],
        )
      }
    }
    await keepHistory(pool, NOW, MONTH_MS)
    const left = async (sql: string) => (await pool.query(sql)).rows.map((row) => Object.values(row))
    expect(await left('SELECT invocation_id FROM dead_letter')).toEqual([[idOf(NOW)]])
    expect(await left('SELECT invocation_id FROM invocation_key')).toEqual([[idOf(NOW)]])
    expect(await left('SELECT status, invocation_id FROM delivery ORDER BY 1, 2')).toEqual([
      ['DELIVERED', idOf(NOW)],
      ['PENDING', idOf(NOW - 2 * MONTH_MS)],
      ['PENDING', idOf(NOW)],
    ])
  })

  test('does not let writers wait behind it for a reader that takes its time', async () => {
    const old = NOW - 2 * MONTH_MS
    await keepHistory(pool, old, null)
    const reader = await pool.connect()
    await reader.query('BEGIN')
    await reader.query('SELECT count(*) FROM invocation')
    const kept = keepHistory(pool, NOW, MONTH_MS)
    const begunAtMs = Date.now()
    await insertInvocation(NOW)
    expect(Date.now() - begunAtMs).toBeLessThan(2_000)
    await reader.query('COMMIT')
    reader.release()
    await kept
    expect(await partitionsOf('invocation')).not.toContain('invocation_20260924')
    expect(await placeOf(NOW)).toBe('history.invocation_20261123')
  })

  test('looks again every six hours', async () => {
    const clock = drivenClock(NOW + DAY_MS / 3)
    const keeper = createHistoryKeeper({
      pool,
      clock,
      retentionMs: MONTH_MS,
      onError: (error) => expect(error).toBeNull(),
    })
    await keeper.start()
    await clock.advance(DAY_MS / 4)
    await keeper.stop()
    expect(await partitionsOf('invocation')).toContain('invocation_20261126')
  })

  async function partitionsOf(table: string): Promise<readonly string[]> {
    const { rows } = await pool.query<{ name: string }>(
      'SELECT relname AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = $1::regclass ORDER BY 1',
      [table],
    )
    return rows.map(({ name }) => name)
  }

  async function insertInvocation(atMs: number, id = idOf(atMs)): Promise<void> {
    await pool.query(
      `INSERT INTO invocation (id, account_id, region, function_id, function_name, type, status, created_at)
       VALUES ($1, '000000000000', 'us-east-1', $1, 'f', 'EVENT', 'QUEUED', $2)`,
      [id, new Date(atMs)],
    )
  }

  async function placeOf(atMs: number): Promise<string | null> {
    const { rows } = await pool.query<{ place: string }>(
      'SELECT tableoid::regclass::text AS place FROM invocation WHERE id = $1',
      [idOf(atMs)],
    )
    return rows[0]?.place ?? null
  }
})

function idOf(atMs: number): string {
  return firstKey('UUID', atMs).replace(/-0000-0000-/, '-7000-8000-')
}
