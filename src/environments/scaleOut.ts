import { ThrottleFault } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import { isWhole, type ScaleOutBudget, takeStart } from '../model/scaleOutRate.ts'

/** Bounds how fast functions scale out on this node. */
export interface ScaleOut {
  /** Counts one more environment of the function, or returns the ThrottleFault of a function that grows too fast. */
  start(functionId: string): ThrottleFault | null
}

const MOST_REMEMBERED = 10_000

/** `rate` is in environments per function and ten seconds. */
export function createScaleOut(clock: Clock, rate: number): ScaleOut {
  const budgets = new Map<string, ScaleOutBudget>()

  function forgetWhole(nowMs: number): void {
    for (const [functionId, budget] of budgets) if (isWhole(budget, nowMs, rate)) budgets.delete(functionId)
  }

  return {
    start(functionId) {
      const nowMs = clock.now()
      const decision = takeStart(budgets.get(functionId) ?? null, nowMs, rate)
      if (!decision.isAllowed) {
        return new ThrottleFault('FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED', rate, decision.retryAfterMs)
      }
      if (budgets.size >= MOST_REMEMBERED) forgetWhole(nowMs)
      budgets.set(functionId, decision.budget)
      return null
    },
  }
}
