/** Price arithmetic: whole nano-dollars and exact decimals, never floating point. */

/** What AWS charges in one region, in nano-dollars. */
export interface PriceList {
  /** Price of one request beyond the free ones. */
  readonly requestNanoUsd: bigint
  /** Price of one GB-second; a GB is 1,024 MiB. */
  readonly gigabyteSecondNanoUsd: bigint
  /** Durations are rounded up to a multiple of this many milliseconds. */
  readonly billingStepMs: number
  /** So many requests a month cost nothing, per account. */
  readonly freeRequestsPerMonth: bigint
}

/** $0.20 per million requests after a free million a month, $0.00001667 per GB-second, rounded up to 100 ms. */
export const DEFAULT_PRICE_LIST: PriceList = {
  requestNanoUsd: 200n,
  gigabyteSecondNanoUsd: 16_670n,
  billingStepMs: 100,
  freeRequestsPerMonth: 1_000_000n,
}

const MIB_MS_PER_GIGABYTE_SECOND = 1024n * 1000n

/** The duration that is billed, in milliseconds: rounded up to the step, and at least one step. */
export function billedDurationMs(durationUs: number, stepMs: number): number {
  return Math.max(1, Math.ceil(durationUs / (stepMs * 1000))) * stepMs
}

/** Price of a billed duration in nano-dollars, rounded half up to a whole one. */
export function durationPriceNanoUsd(billedMs: number, memoryMiB: number, prices: PriceList): bigint {
  const exact = BigInt(billedMs) * BigInt(memoryMiB) * prices.gigabyteSecondNanoUsd
  return (2n * exact + MIB_MS_PER_GIGABYTE_SECOND) / (2n * MIB_MS_PER_GIGABYTE_SECOND)
}

/**
 * Prices of the requests that a month's counter passes on its way from `before` to `before + count`, in their order:
 * 0 for those within the free ones, the request price for the others.
 */
export function requestPricesNanoUsd(before: bigint, count: number, prices: PriceList): bigint[] {
  return Array.from({ length: count }, (_, index) =>
    before + BigInt(index) < prices.freeRequestsPerMonth ? 0n : prices.requestNanoUsd,
  )
}

/** An exact decimal of `units / 10^decimals`, without trailing zeros: `(1500n, 3)` is `1.5`. */
export function formatDecimal(units: bigint, decimals: number): string {
  const sign = units < 0n ? '-' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return sign + (fraction === '' ? whole : `${whole}.${fraction}`)
}

/** Nano-dollars as dollars. */
export function formatNanoUsd(nanoUsd: bigint): string {
  return formatDecimal(nanoUsd, 9)
}

/** Billed milliseconds times MiB as exact GB-seconds. 1/1,024,000 has thirteen decimals. */
export function gigabyteSeconds(billedMs: number, memoryMiB: number): string {
  return formatGigabyteSeconds(BigInt(billedMs) * BigInt(memoryMiB))
}

/** A sum of billed milliseconds times MiB as exact GB-seconds. */
export function formatGigabyteSeconds(mebibyteMilliseconds: bigint): string {
  const DECIMALS = 13
  return formatDecimal((mebibyteMilliseconds * 10n ** BigInt(DECIMALS)) / MIB_MS_PER_GIGABYTE_SECOND, DECIMALS)
}

/** First day of the month of a time, UTC, as `2026-11-01`: what free requests are counted by. */
export function billingMonth(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 7)}-01`
}
