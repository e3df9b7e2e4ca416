import type { ArchitectureName } from './records.ts'

// Price arithmetic: whole nano-dollars and exact decimals, never floating point.

/** A price for each processor. */
export type ArchitecturePrices = Readonly<Record<ArchitectureName, bigint>>

/** What is charged in one region from one day on. A GB-second is that of 1,024 MiB; a pico-dollar is 10^-12 dollars. */
export interface PriceList {
  readonly name: string
  readonly effectiveFromMs: number
  /** Durations are rounded up to a multiple of this many milliseconds. */
  readonly billingStepMs: number
  /** Price of one request beyond the free ones. */
  readonly requestNanoUsd: bigint
  /** So many requests a month cost nothing, per account. */
  readonly freeRequestsPerMonth: bigint
  /** So much duration a month costs nothing, per account, in milliseconds times MiB; none in provisioned environments. */
  readonly freeMebibyteMilliseconds: bigint
  /** Of what runs, for a GB-second. */
  readonly durationPicoUsd: ArchitecturePrices
  /** Of what runs in provisioned environments, for a GB-second. */
  readonly provisionedDurationPicoUsd: ArchitecturePrices
  /** Of provisioned environments, whether or not something runs in them, for a GB-second. */
  readonly provisionedPicoUsd: ArchitecturePrices
}

/**
 * $0.20 per million requests after a free million a month, $0.00001667 per GB-second, rounded up to 100 ms: the list that
 * accounts have until they choose another one. The table has the same (a test compares them).
 */
export const DEFAULT_PRICE_LIST: PriceList = {
  name: 'standard',
  effectiveFromMs: Date.UTC(2014, 10, 13),
  billingStepMs: 100,
  requestNanoUsd: 200n,
  freeRequestsPerMonth: 1_000_000n,
  freeMebibyteMilliseconds: 0n,
  durationPicoUsd: { X86_64: 16_670_000n, ARM64: 13_330_000n },
  provisionedDurationPicoUsd: { X86_64: 9_720_000n, ARM64: 7_780_000n },
  provisionedPicoUsd: { X86_64: 4_170_000n, ARM64: 3_330_000n },
}

const MIB_MS_PER_GIGABYTE_SECOND = 1024n * 1000n
const PICO_PER_NANO = 1000n

/** AWS's free tier of durations: 400,000 GB-seconds a month. */
export const FREE_MEBIBYTE_MILLISECONDS = 400_000n * MIB_MS_PER_GIGABYTE_SECOND

/** The duration that is billed, in milliseconds: rounded up to the step, and at least one step. */
export function billedDurationMs(durationUs: number, stepMs: number): number {
  return Math.max(1, Math.ceil(durationUs / (stepMs * 1000))) * stepMs
}

/** Price of milliseconds times MiB in nano-dollars, rounded half up to a whole one. */
export function durationPriceNanoUsd(mebibyteMilliseconds: bigint, gigabyteSecondPicoUsd: bigint): bigint {
  const unit = MIB_MS_PER_GIGABYTE_SECOND * PICO_PER_NANO
  return (2n * mebibyteMilliseconds * gigabyteSecondPicoUsd + unit) / (2n * unit)
}

/** How much of a duration costs nothing, of which so much of the month's stands before it. */
export function freePart(before: bigint, mebibyteMilliseconds: bigint, prices: PriceList): bigint {
  const left = prices.freeMebibyteMilliseconds - before
  if (left <= 0n) return 0n
  return left < mebibyteMilliseconds ? left : mebibyteMilliseconds
}

/** Price of the request of which so many of the month's stand before it. */
export function requestPriceNanoUsd(before: bigint, prices: PriceList): bigint {
  return before < prices.freeRequestsPerMonth ? 0n : prices.requestNanoUsd
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
