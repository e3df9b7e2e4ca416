import { createTokenBuckets } from '../concurrency/tokenBuckets.ts'
import { ThrottleFault } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import { type StartKind, type StartRateSetting, startBucket } from '../model/executionLimits.ts'
import type { Scope } from '../model/records.ts'

/** Bounds how fast executions are started on this node, for each account and region. */
export interface StartRate {
  /** Counts one more start. Throws a ThrottleFault in AWS's words where they come too fast. */
  take(scope: Scope, kind: StartKind): void
}

export function createStartRate(clock: Clock, setting: StartRateSetting): StartRate {
  const buckets = createTokenBuckets(clock)
  return {
    take({ accountId, region }, kind) {
      const rate = startBucket(setting, region, kind)
      if (rate === null) return
      const retryAfterMs = buckets.take(`${accountId} ${region} ${kind}`, rate)
      if (retryAfterMs === null) return
      const limit = Math.ceil(rate.refillPerSecond)
      throw new ThrottleFault('EXECUTION_START_RATE_EXCEEDED', limit, retryAfterMs, 'Rate exceeded', 'THROTTLING')
    },
  }
}
