import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientBase, Pool } from 'pg'
import type { Clock } from '../../model/clock.ts'
import { DAY_MS, firstKeptDay, startOfDay, timeOfUuid } from '../../model/historyDays.ts'
import { errorCode } from '../errorCode.ts'
import { deleteOldExecutions } from './deleteOldExecutions.ts'
import { deleteWhatRefers } from './deleteWhatRefers.ts'
import { HISTORY_TABLES } from './historyTables.ts'
import { createPartition, dropPartition, emptyDefault, readPartitionDays } from './partitions.ts'

/** Makes the days ahead of the history, and drops those that are older than the retention. */
export interface HistoryKeeper {
  /** Resolves when today's partitions are there; from then on looks again every six hours. */
  start(): Promise<void>
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>
}

export interface HistoryKeeperOptions {
  readonly pool: Pool
  readonly clock: Clock
  /** How long finished history is kept at least, in milliseconds; null keeps it for ever. */
  readonly retentionMs: number | null
  readonly onError: (error: unknown) => void
}

/** PostgreSQL's number of the lock under which one node at a time keeps the history. */
const HISTORY_LOCK = 7_220_426_102

/** Few, since every partition costs the reads of a stream a step; eight looks must fail before one is missing. */
const DAYS_AHEAD = 2
const INTERVAL_MS = DAY_MS / 4

export function createHistoryKeeper({ pool, clock, retentionMs, onError }: HistoryKeeperOptions): HistoryKeeper {
  let alarm: Disposable | null = null
  let running: Promise<void> = Promise.resolve()
  let isStopped = false

  const keep = () => keepHistory(pool, clock.now(), retentionMs)

  function schedule(): void {
    if (isStopped) return
    alarm = clock.schedule(clock.now() + INTERVAL_MS, () => {
      running = keep().catch(onError).finally(schedule)
    })
  }

  return {
    async start() {
      // Without its partition a day goes into the default one, so no reason not to start.
      await keep().catch(onError)
      schedule()
    },
    async stop() {
      isStopped = true
      alarm?.[Symbol.dispose]()
      await running
    },
  }
}

/**
 * One look: partitions for today and the days ahead, none for days wholly before the retention. Safe on any number of
 * nodes at once: who comes second waits for the first and finds nothing left to do.
 */
export async function keepHistory(pool: Pool, nowMs: number, retentionMs: number | null): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [HISTORY_LOCK])
    await createDays(client, startOfDay(nowMs))
    if (retentionMs !== null) {
      const firstKept = await firstDayToKeep(client, nowMs, retentionMs)
      await deleteWhatRefers(client, firstKept)
      await deleteOldExecutions(client, firstKept)
      await dropDays(client, firstKept)
    }
    await client.query('SELECT pg_advisory_unlock($1)', [HISTORY_LOCK])
    client.release()
  } catch (error) {
    // The lock ends with its connection, whatever state that is in.
    client.release(true)
    throw error
  }
}

async function createDays(client: ClientBase, today: number): Promise<void> {
  for (const table of HISTORY_TABLES) {
    const existing = new Set(await readPartitionDays(client, table))
    const days = Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => today + ahead * DAY_MS)
    const missing = days.filter((day) => !existing.has(day))
    if (missing.length === 0) continue
    await briefly(client, async () => {
      for (const day of missing) await createPartition(client, table, day)
    })
  }
}

async function firstDayToKeep(client: ClientBase, nowMs: number, retentionMs: number): Promise<number> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM queued_invocation ORDER BY id LIMIT 1')
  return firstKeptDay(nowMs, retentionMs, rows.length === 0 ? null : timeOfUuid(rows[0]!.id))
}

async function dropDays(client: ClientBase, firstKept: number): Promise<void> {
  for (const table of HISTORY_TABLES) {
    for (const day of await readPartitionDays(client, table)) {
      if (day < firstKept) await briefly(client, () => dropPartition(client, table, day))
    }
    await emptyDefault(client, table, firstKept)
  }
}

const LOCK_TIMEOUT_MS = 200
const LOCK_NOT_AVAILABLE = '55P03'
const DEADLOCK_DETECTED = '40P01'
const LARGEST_TRIES = 20

/** Runs a transaction that never waits long for a lock, and again where it did not get one. */
async function briefly(client: ClientBase, work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query(`BEGIN; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`)
      await work()
      await client.query('COMMIT')
      return
    } catch (error) {
      await client.query('ROLLBACK')
      const code = errorCode(error)
      if ((code !== LOCK_NOT_AVAILABLE && code !== DEADLOCK_DETECTED) || tries === LARGEST_TRIES) throw error
      await sleep(LOCK_TIMEOUT_MS * tries)
    }
  }
}
