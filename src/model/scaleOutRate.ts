/**
 * How fast a function may scale out: so many more execution environments in every ten seconds, as AWS bounds it.
 * https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
 * What is unused does not add up beyond one span: a bucket that refills steadily.
 */

/** AWS's default: 1,000 more environments every 10 seconds. */
export const DEFAULT_SCALE_OUT_RATE = 1_000

/** The span that the rate is counted in. */
export const SCALE_OUT_SPAN_MS = 10_000

/** What a function may still start, at a time. */
export interface ScaleOutBudget {
  readonly starts: number
  readonly atMs: number
}

/** Whether an environment may be started now, and if not, when. */
export type ScaleOutDecision =
  | { readonly isAllowed: true; readonly budget: ScaleOutBudget }
  | { readonly isAllowed: false; readonly retryAfterMs: number }

/**
 * Takes one start out of the budget. `rate` is in environments per ten seconds, 1 or more. Of a function that has started
 * nothing yet, `budget` is null. A clock that goes back refills nothing.
 */
export function takeStart(budget: ScaleOutBudget | null, nowMs: number, rate: number): ScaleOutDecision {
  const starts = startsAt(budget, nowMs, rate)
  if (starts >= 1)
    return { isAllowed: true, budget: { starts: starts - 1, atMs: Math.max(nowMs, budget?.atMs ?? nowMs) } }
  return { isAllowed: false, retryAfterMs: Math.ceil(((1 - starts) * SCALE_OUT_SPAN_MS) / rate) }
}

/** Whether the budget is whole again, so that it need not be remembered. */
export function isWhole(budget: ScaleOutBudget, nowMs: number, rate: number): boolean {
  return startsAt(budget, nowMs, rate) >= rate
}

function startsAt(budget: ScaleOutBudget | null, nowMs: number, rate: number): number {
  if (budget === null) return rate
  const passedMs = Math.max(0, nowMs - budget.atMs)
  return Math.min(rate, budget.starts + (passedMs * rate) / SCALE_OUT_SPAN_MS)
}
