import { billedDurationMs, durationPriceNanoUsd, type PriceList } from './price.ts'

/** What a bill and each of its lines add up. */
export interface BillTotals {
  readonly requests: bigint
  /** Sum of billed milliseconds times MiB: GB-seconds before their division. */
  readonly mebibyteMilliseconds: bigint
  readonly requestPriceNanoUsd: bigint
  readonly durationPriceNanoUsd: bigint
}

/** What the lines of a bill add up; the names of the GraphQL enum `BillGrouping`. */
export type BillGroupingName = 'FUNCTION' | 'VERSION' | 'DAY'

/** A part of a bill. */
export interface BillLineRecord extends BillTotals {
  readonly key: string
}

/** A month of the bill of an account in a region. */
export interface BillRecord extends BillTotals {
  /** As `2026-11`. */
  readonly month: string
}

/** The first moment of a month and of the next one, in milliseconds since the epoch; null for what is no month. */
export function monthSpan(month: string): { readonly fromMs: number; readonly toMs: number } | null {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month)
  if (match === null) return null
  const [year, number] = [Number(match[1]), Number(match[2])]
  return { fromMs: Date.UTC(year, number - 1), toMs: Date.UTC(year, number) }
}

/** A month of equal invocations, to be estimated. */
export interface EstimatedMonth {
  readonly requests: bigint
  readonly durationMs: number
  readonly memoryMiB: number
  readonly freeRequests: bigint
}

/**
 * What such a month costs. Each request is priced and rounded by itself, as the ledger does it, so that the estimate is
 * the sum of the ledger that the month would have.
 */
export function estimateMonth(month: EstimatedMonth, prices: PriceList): BillTotals & { readonly billedMs: number } {
  const billedMs = billedDurationMs(Math.round(month.durationMs * 1000), prices.billingStepMs)
  const charged = month.requests > month.freeRequests ? month.requests - month.freeRequests : 0n
  return {
    billedMs,
    requests: month.requests,
    mebibyteMilliseconds: month.requests * BigInt(billedMs) * BigInt(month.memoryMiB),
    requestPriceNanoUsd: charged * prices.requestNanoUsd,
    durationPriceNanoUsd: month.requests * durationPriceNanoUsd(billedMs, month.memoryMiB, prices),
  }
}
