import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  HALF_LIFE_MS,
  MOST_PRESTARTED,
  NO_DEMAND,
  prestartTarget,
  withColdStart,
} from '../../../src/environments/prestarted/coldStartDemand.ts'

const demandOf = (times: readonly number[]) =>
  [...times].sort((a, b) => a - b).reduce((demand, at) => withColdStart(demand, at), NO_DEMAND)
const times = fc.array(fc.integer({ min: 0, max: 3_600_000 }), { maxLength: 200 })

describe('how many sandboxes are kept started ahead of a shape in use', () => {
  it('is one where there was no cold start of late', () => {
    expect(prestartTarget(NO_DEMAND, 'auto', 0)).toBe(1)
  })

  it('is half of the cold starts of this moment, and half of that after a half-life', () => {
    const twenty = demandOf(Array.from({ length: 20 }, () => 0))
    expect(prestartTarget(twenty, 'auto', 0)).toBe(10)
    expect(prestartTarget(twenty, 'auto', HALF_LIFE_MS)).toBe(5)
    expect(prestartTarget(twenty, 'auto', 20 * HALF_LIFE_MS)).toBe(1)
  })

  it('is never less than one and never more than a bound', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 7_200_000 }), (at, now) => {
        const target = prestartTarget(demandOf(at), 'auto', now)
        expect(target).toBeGreaterThanOrEqual(1)
        expect(target).toBeLessThanOrEqual(MOST_PRESTARTED)
      }),
    )
  })

  it('never grows as time goes by, and never shrinks with a cold start', () => {
    fc.assert(
      fc.property(times, fc.nat(100_000), fc.nat(100_000), (at, wait, more) => {
        const now = Math.max(0, ...at) + wait
        const demand = demandOf(at)
        expect(prestartTarget(demand, 'auto', now + more)).toBeLessThanOrEqual(prestartTarget(demand, 'auto', now))
        expect(prestartTarget(withColdStart(demand, now), 'auto', now)).toBeGreaterThanOrEqual(
          prestartTarget(demand, 'auto', now),
        )
      }),
    )
  })

  it('is what is set where a number is', () => {
    fc.assert(
      fc.property(times, fc.nat(1_000), fc.nat(), (at, setting, now) => {
        expect(prestartTarget(demandOf(at), setting, now)).toBe(setting)
      }),
    )
  })
})
