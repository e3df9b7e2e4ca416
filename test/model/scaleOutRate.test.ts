import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isWhole, SCALE_OUT_SPAN_MS, type ScaleOutBudget, takeStart } from '../../src/model/scaleOutRate.ts'

describe('the rate of scaling out', () => {
  it('allows at most one full budget and what has been refilled since, whenever starts come', () => {
    const waits = fc.array(fc.nat({ max: 3_000 }), { maxLength: 200 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), waits, (rate, waitsMs) => {
        let budget: ScaleOutBudget | null = null
        let nowMs = 1_000_000
        const startedMs: number[] = []
        for (const waitMs of waitsMs) {
          nowMs += waitMs
          const decision = takeStart(budget, nowMs, rate)
          if (!decision.isAllowed) continue
          budget = decision.budget
          startedMs.push(nowMs)
          const since = startedMs[0]!
          expect(startedMs.length).toBeLessThanOrEqual(rate + ((nowMs - since) * rate) / SCALE_OUT_SPAN_MS + 1e-6)
        }
      }),
    )
  })

  it('says when the next start is allowed, and then allows it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), (rate) => {
        let budget: ScaleOutBudget | null = null
        for (let count = 0; count < rate; count += 1) {
          const decision = takeStart(budget, 0, rate)
          if (!decision.isAllowed) throw new Error(`start ${count} of ${rate} was refused`)
          budget = decision.budget
        }
        const refused = takeStart(budget, 0, rate)
        if (refused.isAllowed) throw new Error('a start beyond the budget was allowed')
        expect(refused.retryAfterMs).toBeLessThanOrEqual(SCALE_OUT_SPAN_MS)
        expect(takeStart(budget, refused.retryAfterMs, rate).isAllowed).toBe(true)
      }),
    )
  })

  it('does not add up what is unused', () => {
    const spent: ScaleOutBudget = { starts: 0, atMs: 0 }
    expect(isWhole(spent, SCALE_OUT_SPAN_MS - 1, 10)).toBe(false)
    expect(isWhole(spent, SCALE_OUT_SPAN_MS, 10)).toBe(true)
    expect(takeStart(spent, 100 * SCALE_OUT_SPAN_MS, 10)).toEqual({
      isAllowed: true,
      budget: { starts: 9, atMs: 100 * SCALE_OUT_SPAN_MS },
    })
  })
})
