import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextSlice, recordedSlice } from '../../src/model/concurrencySlices.ts'

interface NodeSlice {
  held: number
  used: number
}

describe('the slices of a pool', () => {
  it('never add up to more than the pool, however nodes ask, use and give back, and whatever becomes of the pool', () => {
    const step = fc.record({
      node: fc.nat({ max: 2 }),
      wanted: fc.nat({ max: 5 }),
      wantedByOthers: fc.nat({ max: 5 }),
      use: fc.integer({ min: -5, max: 5 }),
      capacity: fc.option(fc.nat({ max: 30 }), { freq: 8 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const nodes: NodeSlice[] = [0, 1, 2].map(() => ({ held: 0, used: 0 }))
        const recorded = nodes.map(() => 0)
        let capacity = 20
        for (const each of steps) {
          capacity = each.capacity ?? capacity
          const own = nodes[each.node]!
          const othersBefore = recorded.reduce((sum, slice, index) => sum + (index === each.node ? 0 : slice), 0)
          const view = { capacity, heldByOthers: othersBefore, wantedByOthers: each.wantedByOthers, liveNodes: 3 }
          const slice = nextSlice(view, { ...own, wanted: each.wanted })
          expect(slice).toBeGreaterThanOrEqual(0)
          expect(slice).toBeLessThanOrEqual(Math.max(0, capacity - othersBefore))
          own.held = slice
          // A node grants within its slice; what runs already goes on.
          own.used = Math.max(
            0,
            each.use > 0 ? Math.max(own.used, Math.min(slice, own.used + each.use)) : own.used + each.use,
          )
          recorded[each.node] = recordedSlice(slice, own.used)
        }
      }),
    )
  })

  it('are all of it for a node alone, so that it asks once', () => {
    expect(
      nextSlice({ capacity: 1000, heldByOthers: 0, wantedByOthers: 0, liveNodes: 1 }, { held: 0, used: 0, wanted: 1 }),
    ).toBe(1000)
  })

  it('are given back by halves to who waits, down to what is used', () => {
    const view = { capacity: 10, heldByOthers: 0, wantedByOthers: 1, liveNodes: 2 }
    expect(nextSlice(view, { held: 10, used: 4, wanted: 0 })).toBe(7)
    expect(nextSlice(view, { held: 5, used: 4, wanted: 0 })).toBe(4)
    expect(nextSlice(view, { held: 4, used: 4, wanted: 0 })).toBe(4)
  })

  it('shrink with the pool at once', () => {
    expect(
      nextSlice({ capacity: 3, heldByOthers: 2, wantedByOthers: 0, liveNodes: 2 }, { held: 8, used: 6, wanted: 0 }),
    ).toBe(1)
    expect(recordedSlice(1, 6)).toBe(6)
  })
})
