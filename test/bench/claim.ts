import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { keepHistory } from '../../src/db/history/historyKeeper.ts'
import { migrate } from '../../src/db/migrations/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import type { EmbeddedPostgres } from '../../src/db/postgres/embeddedPostgres.ts'
import { claimInvocations } from '../../src/invocations/sql/claimInvocations.ts'
import type { Benchmark } from './benchmark.ts'
import { createBenchDatabase } from './kit/benchDatabase.ts'
import { times } from './kit/lines.ts'
import { percentile } from './kit/percentile.ts'

const DAY_MS = 86_400_000
const DAYS = 30
const CLAIMED = 10
const MOST_RATIO = 1.3

/** How many rows stand in the way: a real run, and one that only shows that the benchmark works. */
const SIZES = {
  FULL: { finished: 1_000_000, queued: 100_000, claims: 500 },
  SMOKE: { finished: 3_000, queued: 2_000, claims: 20 },
} as const

/** Ids are UUIDv7, made where they are stored: the day is in the id, and the id says which partition. */
const FINISHED = `
  INSERT INTO invocation (id, account_id, region, function_id, function_name, type, status, created_at, finished_at)
  SELECT (lpad(to_hex(at_ms), 12, '0') || '7' || substr(md5(at_ms::text), 1, 3) || '8' || substr(md5(at_ms::text), 4, 15))::uuid,
         '100000000001', 'us-east-1', $1, 'old', 'EVENT', 'SUCCEEDED', now(), now()
  FROM generate_series($2::bigint, $3::bigint, $4::bigint) at_ms`

const WAITING = `
  WITH waiting AS (
    INSERT INTO invocation (id, account_id, region, function_id, function_name, type, status, created_at, payload)
    SELECT (lpad(to_hex($2::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
           '100000000001', 'us-east-1', $1, 'new', 'EVENT', 'QUEUED', now(), '{}'
    FROM generate_series(1, $3::int) n
    RETURNING id
  )
  INSERT INTO queued_invocation (id, account_id, region, function_id, due_at, expires_at)
  SELECT id, '100000000001', 'us-east-1', $1, now() - interval '1 minute' * random(), now() + interval '1 hour'
  FROM waiting`

/**
 * A claim of ten invocations from a queue that is all there is, and from one of a hundred thousand with a month of a
 * million finished invocations behind it: on one PostgreSQL with durability on, taken in turns.
 */
export const claim: Benchmark = {
  name: 'claim',
  title: 'claim of ten invocations',
  async run({ postgres, size }) {
    const { finished, queued, claims } = SIZES[size]
    const short = await fill(postgres, 'bench_short', 0, claims * CLAIMED + CLAIMED)
    const long = await fill(postgres, 'bench_long', finished, queued)
    const timesMs = { short: [] as number[], long: [] as number[] }
    for (let turn = 0; turn < claims; turn += 1) {
      timesMs.short.push(await timedClaim(short))
      timesMs.long.push(await timedClaim(long))
    }
    await Promise.all([short.end(), long.end()])
    const floorMs = percentile(timesMs.short, 50)
    return [
      times('empty history (floor)', timesMs.short),
      times(`${finished.toLocaleString('en')} finished, ${queued.toLocaleString('en')} queued`, timesMs.long, floorMs, {
        words: `at most ${MOST_RATIO} times the floor`,
        isMet: percentile(timesMs.long, 50) <= MOST_RATIO * floorMs,
      }),
    ]
  },
}

async function fill(postgres: EmbeddedPostgres, name: string, finished: number, queued: number): Promise<pg.Pool> {
  const url = await createBenchDatabase(postgres, name)
  await migrate(url)
  const pool = createPool(url)
  const nowMs = Date.now()
  for (let age = DAYS; age >= 0; age -= 1) await keepHistory(pool, nowMs - age * DAY_MS, null)
  if (finished > 0) {
    const stepMs = Math.max(1, Math.floor(((DAYS - 1) * DAY_MS) / finished))
    await pool.query(FINISHED, [randomUUID(), nowMs - DAYS * DAY_MS, nowMs - DAY_MS, stepMs])
  }
  await pool.query(WAITING, [randomUUID(), nowMs, queued])
  await pool.query('VACUUM ANALYZE')
  return pool
}

async function timedClaim(pool: pg.Pool): Promise<number> {
  const values = [randomUUID(), new Date(), CLAIMED]
  const beganMs = performance.now()
  const { rows } = await pool.query({ ...claimInvocations, values })
  const tookMs = performance.now() - beganMs
  if (rows.length !== CLAIMED) throw new Error(`${rows.length} invocations were claimed instead of ${CLAIMED}`)
  return tookMs
}
