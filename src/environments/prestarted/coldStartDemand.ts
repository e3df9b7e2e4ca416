/** Recent cold starts of a shape, as a count that halves every HALF_LIFE_MS. */
export interface ColdStartDemand {
  readonly count: number
  readonly atMs: number
}

/** How many are started ahead of each shape that is in use: a number, or as many as cold starts of late call for. */
export type PrestartSetting = number | 'auto'

export const HALF_LIFE_MS = 10_000
/** A shape that nobody asked for in this time is not kept ready any more. */
export const FORGOTTEN_AFTER_MS = 3_600_000
/** Of one shape: starting more would take the processor from those that are in use. */
export const MOST_PRESTARTED = 16

export const NO_DEMAND: ColdStartDemand = { count: 0, atMs: Number.NEGATIVE_INFINITY }

/** The demand after one more cold start. */
export function withColdStart(demand: ColdStartDemand, nowMs: number): ColdStartDemand {
  return { count: countAt(demand, nowMs) + 1, atMs: Math.max(nowMs, demand.atMs) }
}

/**
 * How many to keep ready: half as many as were needed within the last seconds, for what comes at once comes again, and at
 * least one. Never less after a cold start than before it, and never more as time goes by.
 */
export function prestartTarget(demand: ColdStartDemand, setting: PrestartSetting, nowMs: number): number {
  if (setting !== 'auto') return setting
  return Math.min(MOST_PRESTARTED, Math.max(1, Math.ceil(countAt(demand, nowMs) / 2)))
}

function countAt({ count, atMs }: ColdStartDemand, nowMs: number): number {
  if (count === 0) return 0
  // A clock that was set back makes nothing of the past larger.
  return count * 2 ** (-Math.max(0, nowMs - atMs) / HALF_LIFE_MS)
}
