import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventBatches } from '../../src/events/eventBatches.ts'

const MIB = 1024 * 1024
const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)

describe('batches of events', () => {
  it('hold all events in their order, and at most 1 MiB or a single event', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 * MIB })), (sizes) => {
        const batches = eventBatches(sizes, (size) => size)
        expect(batches.flat()).toEqual(sizes)
        for (const batch of batches) expect(batch.length === 1 || sum(batch) <= MIB).toBe(true)
      }),
    )
  })

  it('are as large as they may be', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: MIB })), (sizes) => {
        const batches = eventBatches(sizes, (size) => size)
        for (const [index, batch] of batches.slice(1).entries()) {
          expect(sum(batches[index]!) + batch[0]!).toBeGreaterThan(MIB)
        }
      }),
    )
  })
})
