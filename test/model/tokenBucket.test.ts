import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scaleOutBucket } from '../../src/model/scaleOutRate.ts'
import { type BucketRate, isFull, type TokenBucket, takeToken } from '../../src/model/tokenBucket.ts'

const rates = fc.record({ tokens: fc.integer({ min: 1, max: 50 }), refillPerSecond: fc.integer({ min: 1, max: 20 }) })

describe('a token bucket', () => {
  it('allows at most a full bucket and what has been refilled since, whenever tokens are taken', () => {
    const waits = fc.array(fc.nat({ max: 3_000 }), { maxLength: 200 })
    fc.assert(
      fc.property(rates, waits, (rate, waitsMs) => {
        let bucket: TokenBucket | null = null
        let nowMs = 1_000_000
        const takenMs: number[] = []
        for (const waitMs of waitsMs) {
          nowMs += waitMs
          const decision = takeToken(bucket, nowMs, rate)
          if (!decision.isAllowed) continue
          bucket = decision.bucket
          takenMs.push(nowMs)
          const refilled = ((nowMs - takenMs[0]!) * rate.refillPerSecond) / 1_000
          expect(takenMs.length).toBeLessThanOrEqual(rate.tokens + refilled + 1e-6)
        }
      }),
    )
  })

  it('says when there is the next token, and then gives it', () => {
    fc.assert(
      fc.property(rates, (rate) => {
        let bucket: TokenBucket | null = null
        for (let count = 0; count < rate.tokens; count += 1) {
          const decision = takeToken(bucket, 0, rate)
          if (!decision.isAllowed) throw new Error(`token ${count} of ${rate.tokens} was refused`)
          bucket = decision.bucket
        }
        const refused = takeToken(bucket, 0, rate)
        if (refused.isAllowed) throw new Error('a token was given that the bucket did not hold')
        expect(takeToken(bucket, refused.retryAfterMs, rate).isAllowed).toBe(true)
        expect(takeToken(bucket, refused.retryAfterMs - 2, rate).isAllowed).toBe(false)
      }),
    )
  })

  it('does not add up what is unused', () => {
    const empty: TokenBucket = { tokens: 0, atMs: 0 }
    const rate: BucketRate = { tokens: 10, refillPerSecond: 1 }
    expect(isFull(empty, 9_999, rate)).toBe(false)
    expect(isFull(empty, 10_000, rate)).toBe(true)
    expect(takeToken(empty, 1_000_000, rate)).toEqual({ isAllowed: true, bucket: { tokens: 9, atMs: 1_000_000 } })
  })
})

it('a function that scales out has a bucket that is refilled in ten seconds', () => {
  const rate = scaleOutBucket(1_000)
  expect(isFull({ tokens: 0, atMs: 0 }, 9_999, rate)).toBe(false)
  expect(isFull({ tokens: 0, atMs: 0 }, 10_000, rate)).toBe(true)
})
