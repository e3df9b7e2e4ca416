import { billingMonth } from '../model/price.ts'
import type { Scope } from '../model/records.ts'
import { EXPRESS_MEMORY_MIB, expressPrice, transitionsPriceNanoUsd } from '../model/stepFunctionPrice.ts'
import type { UsageCount, UsageCounter } from './sql/countUsage.ts'
import { counterKey, sumUsage } from './sumUsage.ts'

/** What an execution that has ended is charged for. */
export interface ExecutionCharge {
  readonly scope: Scope
  readonly timestampMs: number
  readonly executionId: string
  /** How often it had been redriven: each time that it ends is charged by itself. */
  readonly redrive: number
  readonly stateMachineName: string
  readonly type: 'STATE_TRANSITIONS' | 'EXPRESS_EXECUTION'
  /** Of a Standard execution: those that are not in the ledger yet. */
  readonly transitions: number
  /** Of an Express execution. */
  readonly durationMs: number
}

/** A charge with its prices. */
export interface PricedExecution extends ExecutionCharge {
  readonly memoryMiB: number
  readonly billedMs: number
  readonly requestPriceNanoUsd: bigint
  readonly durationPriceNanoUsd: bigint
}

/** How many state transitions a batch makes, per account and month. */
export function transitionCounts(charges: readonly ExecutionCharge[]): UsageCount[] {
  return sumUsage(
    charges
      .filter(({ type }) => type === 'STATE_TRANSITIONS')
      .map(({ scope: { accountId }, timestampMs, transitions }) => ({
        accountId,
        month: billingMonth(timestampMs),
        requests: 0,
        mebibyteMilliseconds: 0n,
        transitions,
      })),
  )
}

/** Prices a batch in its order; `counters` say where each counter stands after it. */
export function priceExecutions(
  charges: readonly ExecutionCharge[],
  counters: readonly Pick<UsageCounter, 'account_id' | 'month' | 'transitions'>[],
): PricedExecution[] {
  const counts = new Map(transitionCounts(charges).map((count) => [counterKey(count.accountId, count.month), count]))
  const positions = new Map(
    counters.map(({ account_id: accountId, month, transitions }) => {
      const key = counterKey(accountId, month)
      return [key, BigInt(transitions) - BigInt(counts.get(key)?.transitions ?? 0)]
    }),
  )
  return charges.map((charge) => {
    if (charge.type === 'EXPRESS_EXECUTION') {
      return { ...charge, memoryMiB: EXPRESS_MEMORY_MIB, ...expressPrice(charge.durationMs) }
    }
    const key = counterKey(charge.scope.accountId, billingMonth(charge.timestampMs))
    const before = positions.get(key)
    if (before === undefined) throw new RangeError(`no counter was moved for account and month ${key}`)
    const transitions = BigInt(charge.transitions)
    positions.set(key, before + transitions)
    return {
      ...charge,
      durationMs: 0,
      memoryMiB: 0,
      billedMs: 0,
      requestPriceNanoUsd: transitionsPriceNanoUsd(before, transitions),
      durationPriceNanoUsd: 0n,
    }
  })
}
