import type { Pool, PoolClient } from 'pg'
import { announcement, topics } from '../events/topics.ts'
import type { Clock } from '../model/clock.ts'
import {
  chargeOfSlice,
  dueSlices,
  type ProvisionedCharge,
  type ProvisionedPeriodRecord,
  SLICE_MS,
} from '../model/provisionedSlices.ts'
import type { PriceBook } from './priceBook.ts'
import { addSpending } from './sql/addSpending.ts'
import { claimUnbilled, type UnbilledRow } from './sql/claimUnbilled.ts'
import { insertProvisionedEntries, moveBilledUntil } from './sql/insertProvisionedEntries.ts'
import { sumSpending } from './sumSpending.ts'

/** Bills provisioned concurrency as it passes, on whichever node comes first. */
export interface ProvisionedBiller {
  start(): void
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>
}

export interface ProvisionedBillerOptions {
  readonly database: Pool
  readonly prices: PriceBook
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

const INTERVAL_MS = 60_000
const PERIODS_AT_ONCE = 50
/** A day of slices: what a service bills of a period at once that was off for long. */
const SLICES_AT_ONCE = 288

export function createProvisionedBiller(options: ProvisionedBillerOptions): ProvisionedBiller {
  const { clock, onError } = options
  let alarm: Disposable | null = null
  let running: Promise<void> = Promise.resolve()
  let isStopped = false

  function look(): void {
    running = billProvisioned(options)
      .catch(onError)
      .finally(() => {
        if (!isStopped) alarm = clock.schedule(clock.now() + INTERVAL_MS, look)
      })
  }

  return {
    start: look,
    async stop() {
      isStopped = true
      alarm?.[Symbol.dispose]()
      await running
    },
  }
}

/** Bills everything that is due. What one transaction has billed no other bills again, whatever dies in between. */
export async function billProvisioned({
  database,
  prices,
  clock,
}: Omit<ProvisionedBillerOptions, 'onError'>): Promise<void> {
  for (;;) {
    const client = await database.connect()
    try {
      await client.query('BEGIN')
      const count = await billOnce(client, prices, clock.now())
      await client.query('COMMIT')
      client.release()
      if (count < PERIODS_AT_ONCE) return
    } catch (error) {
      client.release(true)
      throw error
    }
  }
}

async function billOnce(client: PoolClient, prices: PriceBook, nowMs: number): Promise<number> {
  const { rows } = await client.query<UnbilledRow>({
    ...claimUnbilled,
    values: [new Date(nowMs), SLICE_MS, PERIODS_AT_ONCE],
  })
  const charges: ProvisionedCharge[] = []
  for (const period of rows.map(toPeriod)) {
    for (const slice of dueSlices(period, nowMs, SLICES_AT_ONCE)) {
      charges.push(chargeOfSlice(period, slice, await prices.at(period.scope, slice.fromMs)))
    }
  }
  if (charges.length === 0) return 0
  const billed = new Map(charges.map(({ period, toMs }) => [period.id, { id: period.id, toMs }]))
  const spendings = sumSpending(
    charges.map(({ period: { scope }, fromMs, priceNanoUsd }) => ({ scope, timestampMs: fromMs, priceNanoUsd })),
  )
  await client.query(insertProvisionedEntries.withRows(charges))
  await client.query(moveBilledUntil.withRows([...billed.values()]))
  await client.query(addSpending.withRows(spendings))
  const ledgers = new Set(charges.map(({ period }) => topics.ledger(period.scope)))
  await client.query(announcement(ledgers))
  return rows.length
}

function toPeriod(row: UnbilledRow): ProvisionedPeriodRecord {
  return {
    id: row.id,
    scope: { accountId: row.account_id, region: row.region },
    functionId: row.function_id,
    functionName: row.function_name,
    versionNumber: row.version_number,
    memoryMiB: row.memory_mib,
    architecture: row.architecture,
    environments: row.environments,
    startedAtMs: row.started_at.getTime(),
    endedAtMs: row.ended_at?.getTime() ?? null,
    billedUntilMs: row.billed_until.getTime(),
  }
}
