import type { Pool } from 'pg'
import { ThrottleFault } from '../errors.ts'
import { announcement, topics } from '../events/topics.ts'
import type { Wakeups } from '../events/wakeups.ts'
import { monthSpan } from '../model/bill.ts'
import type { Clock } from '../model/clock.ts'
import { billingMonth } from '../model/price.ts'
import type { Scope } from '../model/records.ts'
import { selectBudgetScopes, selectStop, tellBudgets } from './sql/tellBudgets.ts'

/**
 * Looks at the budgets whenever something was billed: tells of thresholds that are reached, exactly once, and knows where
 * nothing may run any more. Every node looks; what one has billed the others hear of within milliseconds, so an account
 * that is stopped spends no more than what was running or being claimed at that moment.
 */
export interface BudgetWatch {
  /** Resolves when this node knows of all budgets. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Throws a ThrottleFault where a budget that stops is spent in the present month. */
  refuseSpent(scope: Scope): void
  /** Resolves when a changed budget holds on this node; the others are told by `topics.budgets`. */
  budgetsChanged(): Promise<void>
}

export interface BudgetWatchOptions {
  readonly database: Pool
  readonly wakeups: Wakeups
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

interface Watched {
  readonly subscription: Disposable
  /** The month that is stopped, as `2026-11-01`; null while things run. */
  stoppedMonth: string | null
  looking: Promise<void> | null
  mustLookAgain: boolean
}

/** Who waits for longer looks again in between: the budget may have been raised. */
const LONGEST_RETRY_MS = 86_400_000

export function createBudgetWatch({ database, wakeups, clock, onError }: BudgetWatchOptions): BudgetWatch {
  const watched = new Map<string, Watched>()
  const ownSubscription = wakeups.listen(topics.budgets, () => void reload().catch(onError))
  let isStopped = false

  async function reload(): Promise<void> {
    const { rows } = await database.query<Scope>(selectBudgetScopes)
    const scopes = new Map(rows.map((scope) => [keyOf(scope), scope]))
    for (const [key, { subscription }] of watched) {
      if (scopes.has(key)) continue
      subscription[Symbol.dispose]()
      watched.delete(key)
    }
    await Promise.all([...scopes.values()].map(watch))
  }

  function watch(scope: Scope): Promise<void> {
    const key = keyOf(scope)
    if (!watched.has(key) && !isStopped) {
      const subscription = wakeups.listen(topics.ledger(scope), () => void look(scope))
      watched.set(key, { subscription, stoppedMonth: null, looking: null, mustLookAgain: false })
    }
    return look(scope)
  }

  /** One look at a time; who asks meanwhile waits for one that begins later. */
  function look(scope: Scope): Promise<void> {
    const entry = watched.get(keyOf(scope))
    if (entry === undefined) return Promise.resolve()
    entry.mustLookAgain = true
    entry.looking ??= lookUntilSettled(scope, entry).finally(() => {
      entry.looking = null
    })
    return entry.looking
  }

  async function lookUntilSettled(scope: Scope, entry: Watched): Promise<void> {
    while (entry.mustLookAgain && !isStopped) {
      entry.mustLookAgain = false
      try {
        await lookOnce(scope, entry)
      } catch (error) {
        onError(error)
      }
    }
  }

  async function lookOnce({ accountId, region }: Scope, entry: Watched): Promise<void> {
    const nowMs = clock.now()
    const month = billingMonth(nowMs)
    const { rowCount } = await database.query({
      ...tellBudgets,
      values: [accountId, region, month, new Date(nowMs)],
    })
    const { rows } = await database.query<{ isStopped: boolean }>({ ...selectStop, values: [accountId, region, month] })
    entry.stoppedMonth = rows[0]!.isStopped ? month : null
    if ((rowCount ?? 0) === 0) return
    await database.query(announcement(new Set([topics.ledger({ accountId, region })])))
  }

  return {
    start: reload,
    async stop() {
      isStopped = true
      ownSubscription[Symbol.dispose]()
      for (const { subscription } of watched.values()) subscription[Symbol.dispose]()
      await Promise.all([...watched.values()].map(({ looking }) => looking))
    },
    refuseSpent(scope) {
      const stoppedMonth = watched.get(keyOf(scope))?.stoppedMonth ?? null
      const nowMs = clock.now()
      if (stoppedMonth === null || stoppedMonth !== billingMonth(nowMs)) return
      const { toMs } = monthSpan(stoppedMonth.slice(0, 7))!
      const message =
        'A budget of the account that stops everything is spent. Please raise it with putBudget, or wait for the next month.'
      throw new ThrottleFault('BUDGET_SPENT', 0, Math.min(toMs - nowMs, LONGEST_RETRY_MS), message)
    },
    budgetsChanged: reload,
  }
}

function keyOf({ accountId, region }: Scope): string {
  return `${accountId} ${region}`
}
