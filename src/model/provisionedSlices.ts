import { durationPriceNanoUsd, type PriceList } from './price.ts'
import type { ArchitectureName, Scope } from './records.ts'

/** So many environments of a version were kept from one moment to another; times in milliseconds since the epoch. */
export interface ProvisionedPeriodRecord {
  readonly id: string
  readonly scope: Scope
  readonly functionId: string
  readonly functionName: string
  readonly versionNumber: number
  readonly memoryMiB: number
  readonly architecture: ArchitectureName
  readonly environments: number
  readonly startedAtMs: number
  /** Null while they still are. */
  readonly endedAtMs: number | null
  readonly billedUntilMs: number
}

/** A part of a period, from one moment to another. Slices are numbered from the beginning of their period. */
export interface ProvisionedSlice {
  readonly slice: number
  readonly fromMs: number
  readonly toMs: number
}

/** A slice with its price. */
export interface ProvisionedCharge extends ProvisionedSlice {
  readonly period: ProvisionedPeriodRecord
  /** Of all environments together. */
  readonly billedMs: number
  readonly priceList: string
  readonly priceNanoUsd: bigint
}

/** Provisioned concurrency is billed in parts of five minutes, the last one of a period as long as it is. */
export const SLICE_MS = 300_000

/** The slices of a period that are due and not billed yet, at most so many, in their order. */
export function dueSlices(period: ProvisionedPeriodRecord, nowMs: number, maximum: number): ProvisionedSlice[] {
  const { startedAtMs, endedAtMs, billedUntilMs } = period
  const slices: ProvisionedSlice[] = []
  for (let fromMs = billedUntilMs; slices.length < maximum; ) {
    const slice = Math.floor((fromMs - startedAtMs) / SLICE_MS)
    const wholeMs = startedAtMs + (slice + 1) * SLICE_MS
    const toMs = Math.min(wholeMs, endedAtMs ?? wholeMs)
    if (toMs > nowMs || toMs <= fromMs) break
    slices.push({ slice, fromMs, toMs })
    fromMs = toMs
  }
  return slices
}

/** A slice with its price by a list. */
export function chargeOfSlice(
  period: ProvisionedPeriodRecord,
  slice: ProvisionedSlice,
  prices: PriceList,
): ProvisionedCharge {
  const billedMs = (slice.toMs - slice.fromMs) * period.environments
  const rate = prices.provisionedPicoUsd[period.architecture]
  const priceNanoUsd = durationPriceNanoUsd(BigInt(billedMs) * BigInt(period.memoryMiB), rate)
  return { ...slice, period, billedMs, priceList: prices.name, priceNanoUsd }
}
