import { billingMonth } from '../model/price.ts'
import type { Scope } from '../model/records.ts'
import type { Spending } from './sql/addSpending.ts'

/** What priced entries add to the spending of accounts: one sum per account, region and month. */
export function sumSpending(
  entries: readonly { readonly scope: Scope; readonly timestampMs: number; readonly priceNanoUsd: bigint }[],
): Spending[] {
  const sums = new Map<string, Spending>()
  for (const { scope, timestampMs, priceNanoUsd } of entries) {
    const month = billingMonth(timestampMs)
    const key = `${scope.accountId} ${scope.region} ${month}`
    const spentNanoUsd = (sums.get(key)?.spentNanoUsd ?? 0n) + priceNanoUsd
    sums.set(key, { scope, month, spentNanoUsd })
  }
  return [...sums.values()]
}

/** What entries add whose price is that of a request and of its duration. */
export function spendings(
  entries: readonly {
    readonly scope: Scope
    readonly timestampMs: number
    readonly requestPriceNanoUsd: bigint
    readonly durationPriceNanoUsd: bigint
  }[],
): Spending[] {
  return sumSpending(
    entries.map(({ scope, timestampMs, requestPriceNanoUsd, durationPriceNanoUsd }) => ({
      scope,
      timestampMs,
      priceNanoUsd: requestPriceNanoUsd + durationPriceNanoUsd,
    })),
  )
}
