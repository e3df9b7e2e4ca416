import { describe, expect, it } from 'vitest'
import { startBucket } from '../../src/model/executionLimits.ts'

describe('the bucket of starts', () => {
  it.each([
    ['STANDARD', 'us-east-1', 1_300, 300],
    ['STANDARD', 'us-west-2', 1_300, 300],
    ['STANDARD', 'eu-west-1', 1_300, 300],
    ['STANDARD', 'eu-central-1', 800, 150],
    ['EXPRESS', 'us-east-1', 6_000, 6_000],
    ['EXPRESS', 'eu-central-1', 6_000, 6_000],
    ['SYNCHRONOUS_EXPRESS', 'eu-central-1', 6_000, 6_000],
  ] as const)('of %s in %s is the one of AWS where that is set', (kind, region, tokens, refillPerSecond) => {
    expect(startBucket('aws', region, kind)).toEqual({ tokens, refillPerSecond })
  })

  it('is the one that is set, of every kind and in every region, or none', () => {
    const rate = { tokens: 5, refillPerSecond: 2 }
    expect(startBucket(rate, 'us-east-1', 'STANDARD')).toBe(rate)
    expect(startBucket(rate, 'eu-central-1', 'SYNCHRONOUS_EXPRESS')).toBe(rate)
    expect(startBucket('off', 'us-east-1', 'STANDARD')).toBeNull()
  })
})
