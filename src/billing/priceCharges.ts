import type { ChargeRow } from '../invocations/journalEntry.ts'
import { billingMonth, durationPriceNanoUsd, type PriceList, requestPricesNanoUsd } from '../model/price.ts'
import type { RequestCount } from './sql/countRequests.ts'
import type { PricedCharge } from './sql/insertLedgerEntries.ts'

/** How many requests a batch of charges makes, per account and month. */
export function requestCounts(charges: readonly ChargeRow[]): RequestCount[] {
  const counts = new Map<string, RequestCount>()
  for (const charge of charges) {
    const key = counterKey(charge.scope.accountId, billingMonth(charge.timestampMs))
    const before = counts.get(key)?.requests ?? 0
    counts.set(key, {
      accountId: charge.scope.accountId,
      month: billingMonth(charge.timestampMs),
      requests: before + 1,
    })
  }
  return [...counts.values()]
}

/**
 * Prices a batch of charges in their order. `counters` says where each counter stands after the batch, as
 * `countRequests` returned it.
 */
export function priceCharges(
  charges: readonly ChargeRow[],
  counters: readonly { readonly account_id: string; readonly month: string; readonly requests: string }[],
  prices: PriceList,
): PricedCharge[] {
  const counts = new Map(
    requestCounts(charges).map((count) => [counterKey(count.accountId, count.month), count.requests]),
  )
  const prepared = new Map(
    counters.map(({ account_id, month, requests }) => {
      const key = counterKey(account_id, month)
      const count = counts.get(key) ?? 0
      return [key, requestPricesNanoUsd(BigInt(requests) - BigInt(count), count, prices).values()] as const
    }),
  )
  return charges.map((charge) => {
    const price = prepared.get(counterKey(charge.scope.accountId, billingMonth(charge.timestampMs)))?.next()
    if (price === undefined || price.done)
      throw new RangeError(`no counter was moved for invocation ${charge.invocationId}`)
    return {
      ...charge,
      requestPriceNanoUsd: price.value,
      durationPriceNanoUsd: durationPriceNanoUsd(charge.billedMs, charge.memoryMiB, prices),
    }
  })
}

function counterKey(accountId: string, month: string): string {
  return `${accountId} ${month}`
}
