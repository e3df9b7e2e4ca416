import type { Pool } from 'pg'
import { topics } from '../events/topics.ts'
import type { Wakeups } from '../events/wakeups.ts'
import type { Clock } from '../model/clock.ts'
import { DELIVERY_LEASE_MS, nextDeliveryState } from '../model/deliveryTransition.ts'
import { destinationKind } from '../model/destinationArn.ts'
import type { Delivery, Senders } from './contract.ts'
import { claimDeliveries, type DeliveryRow } from './sql/claimDeliveries.ts'
import { refuseDelivery } from './sql/refuseDelivery.ts'
import { selectNextDelivery } from './sql/selectNextDelivery.ts'

/** Empties the outbox: brings records and dead letters to their targets, as long as it takes. */
export interface Deliverer {
  start(): void
  /** Takes on no more and waits for what is on its way, at most until `deadline` aborts; others go on with the rest. */
  stop(deadline: AbortSignal): Promise<void>
}

export interface DelivererOptions {
  readonly database: Pool
  readonly wakeups: Wakeups
  readonly clock: Clock
  readonly senders: Senders
  /** Makes an invocation of a delivery to a function, and ends the delivery, in one commit. */
  readonly invokeTarget: (delivery: Delivery) => Promise<void>
  /** Ends a delivery that its target has taken. */
  readonly complete: (delivery: Delivery) => Promise<void>
  readonly onError: (error: unknown) => void
}

const PARALLEL = 16
/** Wake-ups are not lost as a rule; this is for the exception. */
const LONGEST_IDLE_MS = 10_000
const LONGEST_ERROR = 1_000

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { database, wakeups, clock, onError } = options
  const running = new Set<Promise<void>>()
  let subscription: Disposable | null = null
  let alarm: Disposable | null = null
  let looking: Promise<void> | null = null
  let mustLookAgain = false
  let isStopping = false

  function look(): void {
    mustLookAgain = true
    looking ??= claim().finally(() => {
      looking = null
      if (mustLookAgain && !isStopping && running.size < PARALLEL) look()
    })
  }

  async function claim(): Promise<void> {
    while (mustLookAgain && !isStopping && running.size < PARALLEL) {
      mustLookAgain = false
      try {
        const nowMs = clock.now()
        const values = [new Date(nowMs), new Date(nowMs + DELIVERY_LEASE_MS), PARALLEL - running.size]
        const { rows } = await database.query<DeliveryRow>({ ...claimDeliveries, values })
        for (const row of rows) run(row)
        if (rows.length === values[2]) mustLookAgain = true
        else await setAlarm()
      } catch (error) {
        onError(error)
        setAlarmAt(clock.now() + LONGEST_IDLE_MS)
      }
    }
  }

  function run(row: DeliveryRow): void {
    const ended = deliver(row)
      .catch(onError)
      .finally(() => {
        running.delete(ended)
        if (!isStopping) look()
      })
    running.add(ended)
  }

  async function deliver(row: DeliveryRow): Promise<void> {
    const delivery = deliveryOf(row)
    try {
      const kind = destinationKind(delivery.targetArn)
      if (kind === null) throw new Error(`${delivery.targetArn} is no destination.`)
      if (kind === 'FUNCTION') return await options.invokeTarget(delivery)
      await options.senders[kind](delivery)
    } catch (error) {
      return refused(row, error)
    }
    await options.complete(delivery)
  }

  async function refused(row: DeliveryRow, error: unknown): Promise<void> {
    const nowMs = clock.now()
    const pending = { kind: 'PENDING', tries: row.tries, dueAtMs: nowMs } as const
    const next = nextDeliveryState(pending, { kind: 'REFUSED', nowMs }, row.created_at.getTime())
    const dueAt = next.kind === 'PENDING' ? new Date(next.dueAtMs) : null
    const endedAt = next.kind === 'PENDING' ? null : new Date(nowMs)
    const reason = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, LONGEST_ERROR)
    await database.query({ ...refuseDelivery, values: [row.id, row.tries, next.kind, dueAt, endedAt, reason] })
  }

  async function setAlarm(): Promise<void> {
    const { rows } = await database.query<{ due_at: Date | null }>(selectNextDelivery)
    const nextDueMs = rows[0]?.due_at?.getTime() ?? Number.POSITIVE_INFINITY
    setAlarmAt(Math.min(nextDueMs, clock.now() + LONGEST_IDLE_MS))
  }

  function setAlarmAt(atMs: number): void {
    alarm?.[Symbol.dispose]()
    if (!isStopping) alarm = clock.schedule(atMs, look)
  }

  return {
    start() {
      subscription = wakeups.listen(topics.deliveries, look)
      look()
    },
    async stop(deadline) {
      isStopping = true
      subscription?.[Symbol.dispose]()
      alarm?.[Symbol.dispose]()
      await looking
      const aborted = new Promise<void>((resolve) => {
        if (deadline.aborted) resolve()
        else deadline.addEventListener('abort', () => resolve(), { once: true })
      })
      await Promise.race([Promise.all(running), aborted])
    },
  }
}

function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    scope: { accountId: row.account_id, region: row.region },
    requestId: row.invocation_id,
    functionName: row.function_name,
    purpose: row.purpose,
    targetArn: row.target_arn,
    sourceArn: row.source_arn,
    body: row.body,
    errorMessage: row.error_message,
    traceHeader: row.trace_header,
    createdAtMs: row.created_at.getTime(),
  }
}
