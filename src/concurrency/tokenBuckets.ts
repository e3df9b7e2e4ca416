import type { Clock } from '../model/clock.ts'
import { type BucketRate, isFull, type TokenBucket, takeToken } from '../model/tokenBucket.ts'

/** Buckets by name, on this node. */
export interface TokenBuckets {
  /** Takes a token of a bucket; answers null, or, where it is empty, in how many milliseconds there is one. */
  take(name: string, rate: BucketRate): number | null
}

const MOST_REMEMBERED = 10_000

export function createTokenBuckets(clock: Clock): TokenBuckets {
  const buckets = new Map<string, { readonly bucket: TokenBucket; readonly rate: BucketRate }>()

  function forgetFull(nowMs: number): void {
    for (const [name, { bucket, rate }] of buckets) if (isFull(bucket, nowMs, rate)) buckets.delete(name)
  }

  return {
    take(name, rate) {
      const nowMs = clock.now()
      const decision = takeToken(buckets.get(name)?.bucket ?? null, nowMs, rate)
      if (!decision.isAllowed) return decision.retryAfterMs
      if (buckets.size >= MOST_REMEMBERED) forgetFull(nowMs)
      buckets.set(name, { bucket: decision.bucket, rate })
      return null
    },
  }
}
