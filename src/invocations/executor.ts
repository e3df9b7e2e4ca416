import type { Pool } from 'pg'
import { PlatformFault } from '../errors.ts'
import { topics } from '../events/topics.ts'
import type { Wakeups } from '../events/wakeups.ts'
import { type ClaimedInvocation, claimedInvocation } from './claimedInvocation.ts'
import type { InvokeServices } from './invoke.ts'
import { type LeasedInvocation, leasedInvocation } from './leasedInvocation.ts'
import { leaseChange } from './leaseRows.ts'
import { returnLease } from './returnLease.ts'
import { runClaimed } from './runClaimed.ts'
import { type ClaimedRow, claimInvocations } from './sql/claimInvocations.ts'
import { type LeasedRow, selectLeasesOfNode } from './sql/selectLeases.ts'
import { selectNextDue } from './sql/selectNextDue.ts'

/** Claims queued invocations and runs them on this node. */
export interface Executor {
  start(): void
  /** Claims no more, and waits for what runs, at most until `deadline` aborts; the rest goes back into the queue. */
  stop(deadline: AbortSignal): Promise<void>
  /** How many invocations it runs. */
  running(): number
}

export interface ExecutorOptions {
  readonly services: InvokeServices
  readonly database: Pool
  readonly wakeups: Wakeups
  /** How many invocations run at the same time at most. */
  readonly parallel: number
}

const LARGEST_CLAIM = 50
/**
 * So many wait here for an environment at most: the others wait in the queue, where they take no one's share of the
 * concurrency, and from where any node can take them.
 */
const MOST_WAITING = 128
/** More are claimed when half of those have gone, for a claim costs about the same whatever it gets. */
const FEW_WAITING = MOST_WAITING / 2
/** Wake-ups are not lost as a rule; this is for the exception. */
const LONGEST_IDLE_MS = 10_000
const ERROR_DELAY_MS = 500
/** So long after a lost connection a claim whose answer was lost with it may still come to be committed. */
const DOUBT_MS = 15_000

export function createExecutor({ services, database, wakeups, parallel }: ExecutorOptions): Executor {
  const running = new Map<ClaimedInvocation, Promise<void>>()
  /** Those of them that have no environment yet. */
  const waiting = new Set<ClaimedInvocation>()
  let subscription: Disposable | null = null
  let alarm: Disposable | null = null
  let isStopping = false
  let claiming: Promise<void> | null = null
  let mustLookAgain = false
  /** Until then, leases that nobody here knows of are looked for. */
  let doubtUntilMs = 0

  function look(): void {
    if (isStopping) return
    mustLookAgain = true
    claiming ??= claim().finally(() => {
      claiming = null
      if (mustLookAgain && hasRoom()) look()
    })
  }

  const hasRoom = () => running.size < parallel && waiting.size <= FEW_WAITING

  /** What a claim left in the queue for want of room no wake-up will announce. */
  function goOn(): void {
    if (mustLookAgain && claiming === null && hasRoom()) look()
  }

  async function claim(): Promise<void> {
    while (mustLookAgain && !isStopping && hasRoom()) {
      mustLookAgain = false
      try {
        if (services.clock.now() < doubtUntilMs) await returnUnknownLeases()
        const limit = Math.min(LARGEST_CLAIM, parallel - running.size, MOST_WAITING - waiting.size)
        const { rows } = await database.query<ClaimedRow>({
          ...claimInvocations,
          values: [services.nodeId, new Date(services.clock.now()), limit],
        })
        for (const row of rows) take(row)
        if (rows.length === limit) mustLookAgain = true
        else await setAlarm()
      } catch (error) {
        services.onError(error)
        doubtUntilMs = services.clock.now() + DOUBT_MS
        setAlarmAt(services.clock.now() + ERROR_DELAY_MS)
      }
    }
  }

  /**
   * Puts back what is leased to this node without its knowledge: the answer to a claim was lost with its connection, and
   * as long as this node lives no other would take such leases over. No claim is on its way from here meanwhile.
   */
  async function returnUnknownLeases(): Promise<void> {
    const known = new Set([...running.keys()].map(({ id }) => id))
    const { rows } = await database.query<LeasedRow>({ ...selectLeasesOfNode, values: [services.nodeId] })
    await Promise.all(rows.filter(({ id }) => !known.has(id)).map((row) => giveBack(leasedInvocation(row))))
  }

  const giveBack = (leased: LeasedInvocation) =>
    returnLease(services.journal, leased, services.clock.now()).catch(services.onError)

  function take(row: ClaimedRow): void {
    const claimed = claimedInvocation(row)
    if (claimed !== null) {
      run(claimed)
      return
    }
    services.onError(new PlatformFault(`invocation ${row.id} is in the queue and not in the history: it is dropped`))
    services.journal.write({ lease: leaseChange(leasedInvocation(row), null) }).catch(services.onError)
  }

  function run(claimed: ClaimedInvocation): void {
    const reserved = () => {
      waiting.delete(claimed)
      goOn()
    }
    waiting.add(claimed)
    const ended = runClaimed(services, claimed, reserved).finally(() => {
      running.delete(claimed)
      reserved()
    })
    running.set(claimed, ended)
  }

  async function setAlarm(): Promise<void> {
    const { rows } = await database.query<{ due_at: Date | null }>(selectNextDue)
    const nextDueMs = rows[0]?.due_at?.getTime() ?? Number.POSITIVE_INFINITY
    const longestMs = services.clock.now() < doubtUntilMs ? ERROR_DELAY_MS : LONGEST_IDLE_MS
    setAlarmAt(Math.min(nextDueMs, services.clock.now() + longestMs))
  }

  function setAlarmAt(atMs: number): void {
    alarm?.[Symbol.dispose]()
    alarm = services.clock.schedule(atMs, look)
  }

  async function release(): Promise<void> {
    await Promise.all([...running.keys()].map(giveBack))
  }

  return {
    start() {
      subscription = wakeups.listen(topics.queue, look)
      look()
    },
    async stop(deadline) {
      isStopping = true
      subscription?.[Symbol.dispose]()
      alarm?.[Symbol.dispose]()
      await claiming
      const aborted = new Promise<void>((resolve) => {
        if (deadline.aborted) resolve()
        else deadline.addEventListener('abort', () => resolve(), { once: true })
      })
      await Promise.race([Promise.all(running.values()), aborted])
      await release()
    },
    running: () => running.size,
  }
}
