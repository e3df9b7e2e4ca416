import type { Goal, Measurement } from '../benchmark.ts'
import { percentile } from './percentile.ts'

/** The line of what took so many milliseconds each; `floor` is the median that the ratio is to, by default its own. */
export function times(
  what: string,
  valuesMs: readonly number[],
  floor = percentile(valuesMs, 50),
  goal: Goal | null = null,
): Measurement {
  const p50 = percentile(valuesMs, 50)
  return { what, unit: 'ms', p50, p99: percentile(valuesMs, 99), ratio: p50 / floor, goal }
}

/** The line of a rate that was measured in several slices. */
export function rates(
  what: string,
  perSecond: readonly number[],
  floor = percentile(perSecond, 50),
  goal: Goal | null = null,
): Measurement {
  const p50 = percentile(perSecond, 50)
  return { what, unit: '1/s', p50, p99: null, ratio: p50 / floor, goal }
}

/** The line of a size. */
export function megabytes(what: string, value: number, floor = value, goal: Goal | null = null): Measurement {
  return { what, unit: 'MB', p50: value, p99: null, ratio: value / floor, goal }
}
