import type { ChargeRow } from '../invocations/journalEntry.ts'
import { billingMonth, durationPriceNanoUsd, freePart, requestPriceNanoUsd } from '../model/price.ts'
import type { UsageCount, UsageCounter } from './sql/countUsage.ts'
import type { PricedCharge } from './sql/insertLedgerEntries.ts'
import { counterKey, sumUsage } from './sumUsage.ts'

/** How many requests and how much duration a batch of charges makes, per account and month. */
export function usageCounts(charges: readonly ChargeRow[]): UsageCount[] {
  return sumUsage(
    charges.map((charge) => ({
      accountId: charge.scope.accountId,
      month: billingMonth(charge.timestampMs),
      requests: 1,
      mebibyteMilliseconds: countedDuration(charge),
      transitions: 0,
    })),
  )
}

/**
 * Prices a batch of charges in their order. `counters` says where each counter stands after the batch, as `countUsage`
 * returned it: the batch owns what lies between there and where it stood before.
 */
export function priceCharges(charges: readonly ChargeRow[], counters: readonly UsageCounter[]): PricedCharge[] {
  const after = new Map(counters.map((counter) => [counterKey(counter.account_id, counter.month), counter]))
  const positions = new Map(
    usageCounts(charges).map(({ accountId, month, requests, mebibyteMilliseconds }) => {
      const key = counterKey(accountId, month)
      const counter = after.get(key)
      if (counter === undefined) throw new RangeError(`no counter was moved for account ${accountId} and ${month}`)
      const position = {
        requests: BigInt(counter.requests) - BigInt(requests),
        mebibyteMilliseconds: BigInt(counter.mebibyte_milliseconds) - mebibyteMilliseconds,
      }
      return [key, position] as const
    }),
  )
  return charges.map((charge) => {
    const { prices, architecture, isProvisioned } = charge
    const position = positions.get(counterKey(charge.scope.accountId, billingMonth(charge.timestampMs)))!
    const duration = durationOf(charge)
    const free = isProvisioned ? 0n : freePart(position.mebibyteMilliseconds, duration, prices)
    const requestPrice = requestPriceNanoUsd(position.requests, prices)
    position.requests += 1n
    position.mebibyteMilliseconds += countedDuration(charge)
    const rates = isProvisioned ? prices.provisionedDurationPicoUsd : prices.durationPicoUsd
    return {
      ...charge,
      requestPriceNanoUsd: requestPrice,
      durationPriceNanoUsd: durationPriceNanoUsd(duration - free, rates[architecture]),
    }
  })
}

function durationOf({ billedMs, memoryMiB }: ChargeRow): bigint {
  return BigInt(billedMs) * BigInt(memoryMiB)
}

/** What runs in provisioned environments takes nothing of the free duration. */
function countedDuration(charge: ChargeRow): bigint {
  return charge.isProvisioned ? 0n : durationOf(charge)
}
