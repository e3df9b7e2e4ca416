/**
 * A bucket of tokens that refills steadily: how AWS bounds rates. Who wants to do something takes one token; an empty
 * bucket refuses. What is not used does not add up beyond the bucket.
 */

/** How many tokens a bucket holds, and how many come back in a second. */
export interface BucketRate {
  readonly tokens: number
  readonly refillPerSecond: number
}

/** What a bucket still holds, at a time. */
export interface TokenBucket {
  readonly tokens: number
  readonly atMs: number
}

/** Whether there was a token, and if not, when there will be one. */
export type TokenDecision =
  | { readonly isAllowed: true; readonly bucket: TokenBucket }
  | { readonly isAllowed: false; readonly retryAfterMs: number }

/** Sums of fractions of tokens are off by less than this. */
const ROUNDING = 1e-6

/** Takes one token. Of a bucket that nothing was taken from yet, `bucket` is null. A clock that goes back refills nothing. */
export function takeToken(bucket: TokenBucket | null, nowMs: number, rate: BucketRate): TokenDecision {
  const tokens = tokensAt(bucket, nowMs, rate)
  if (tokens >= 1 - ROUNDING) {
    return {
      isAllowed: true,
      bucket: { tokens: Math.max(0, tokens - 1), atMs: Math.max(nowMs, bucket?.atMs ?? nowMs) },
    }
  }
  return { isAllowed: false, retryAfterMs: Math.ceil(((1 - tokens - ROUNDING) * 1_000) / rate.refillPerSecond) }
}

/** Whether the bucket is full again, so that it need not be remembered. */
export function isFull(bucket: TokenBucket, nowMs: number, rate: BucketRate): boolean {
  return tokensAt(bucket, nowMs, rate) >= rate.tokens
}

function tokensAt(bucket: TokenBucket | null, nowMs: number, { tokens, refillPerSecond }: BucketRate): number {
  if (bucket === null) return tokens
  const passedMs = Math.max(0, nowMs - bucket.atMs)
  return Math.min(tokens, bucket.tokens + (passedMs * refillPerSecond) / 1_000)
}
