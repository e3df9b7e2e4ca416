import { billedDurationMs, durationPriceNanoUsd, type PriceList } from './price.ts'
import type { ArchitectureName } from './records.ts'

/** What a bill and each of its lines add up. */
export interface BillTotals {
  readonly requests: bigint
  /** Sum of billed milliseconds times MiB: GB-seconds before their division. */
  readonly mebibyteMilliseconds: bigint
  readonly requestPriceNanoUsd: bigint
  readonly durationPriceNanoUsd: bigint
  /** The same of provisioned environments, whether or not something ran in them. */
  readonly provisionedMebibyteMilliseconds: bigint
  readonly provisionedPriceNanoUsd: bigint
  /** Of Standard executions, free ones among them. */
  readonly stateTransitions: bigint
  readonly expressExecutions: bigint
  /** Of Standard and Express executions together. */
  readonly stepFunctionsPriceNanoUsd: bigint
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
  readonly architecture: ArchitectureName
  readonly freeRequests: bigint
  /** Environments that are kept started; 0 for none. All requests are taken to run in them. */
  readonly provisionedConcurrency: number
  /** For how many milliseconds of the month they are kept. */
  readonly provisionedMs: bigint
}

/**
 * What such a month costs. Each request is priced and rounded by itself, as the ledger does it, so that the estimate is
 * the sum of the ledger that the month would have.
 */
export function estimateMonth(month: EstimatedMonth, prices: PriceList): BillTotals & { readonly billedMs: number } {
  const { requests, memoryMiB, architecture } = month
  const billedMs = billedDurationMs(Math.round(month.durationMs * 1000), prices.billingStepMs)
  const duration = BigInt(billedMs) * BigInt(memoryMiB)
  const charged = requests > month.freeRequests ? requests - month.freeRequests : 0n
  const isProvisioned = month.provisionedConcurrency > 0
  const rates = isProvisioned ? prices.provisionedDurationPicoUsd : prices.durationPicoUsd
  const free = isProvisioned ? 0n : prices.freeMebibyteMilliseconds
  const provisioned = BigInt(month.provisionedConcurrency) * month.provisionedMs * BigInt(memoryMiB)
  return {
    billedMs,
    requests,
    mebibyteMilliseconds: requests * duration,
    requestPriceNanoUsd: charged * prices.requestNanoUsd,
    durationPriceNanoUsd: equalDurationsNanoUsd(requests, duration, free, rates[architecture]),
    provisionedMebibyteMilliseconds: provisioned,
    provisionedPriceNanoUsd: durationPriceNanoUsd(provisioned, prices.provisionedPicoUsd[architecture]),
    stateTransitions: 0n,
    expressExecutions: 0n,
    stepFunctionsPriceNanoUsd: 0n,
  }
}

/** Price of so many equal durations one behind the other, of which the first come to be free. */
function equalDurationsNanoUsd(count: bigint, duration: bigint, free: bigint, picoUsd: bigint): bigint {
  const whole = free / duration
  if (whole >= count) return 0n
  // One of them is free in part.
  const partly = durationPriceNanoUsd(duration - (free - whole * duration), picoUsd)
  return partly + (count - whole - 1n) * durationPriceNanoUsd(duration, picoUsd)
}
