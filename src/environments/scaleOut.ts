import { createTokenBuckets } from '../concurrency/tokenBuckets.ts'
import { ThrottleFault } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import { scaleOutBucket } from '../model/scaleOutRate.ts'

/** Bounds how fast functions scale out on this node. */
export interface ScaleOut {
  /** Counts one more environment of the function, or returns the ThrottleFault of a function that grows too fast. */
  start(functionId: string): ThrottleFault | null
}

/** `rate` is in environments per function and ten seconds. */
export function createScaleOut(clock: Clock, rate: number): ScaleOut {
  const buckets = createTokenBuckets(clock)
  const bucket = scaleOutBucket(rate)
  return {
    start(functionId) {
      const retryAfterMs = buckets.take(functionId, bucket)
      if (retryAfterMs === null) return null
      return new ThrottleFault('FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED', rate, retryAfterMs)
    },
  }
}
