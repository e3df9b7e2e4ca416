import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BEGINNING, comparePositions, decodeCursor, encodeCursor, settledBelow } from '../../src/model/position.ts'

const position = fc.record({
  transactionId: fc.bigInt({ min: 0n, max: 10n ** 17n }),
  sequence: fc.bigInt({ min: 0n, max: 10n ** 17n }),
})

describe('a cursor', () => {
  it('reads back to its position', () => {
    fc.assert(
      fc.property(position, (at) => {
        expect(decodeCursor(encodeCursor(at))).toEqual(at)
      }),
    )
  })

  it('that is empty stands before everything', () => {
    expect(decodeCursor('')).toEqual(BEGINNING)
  })

  it('that was not made here is refused, whatever it is', () => {
    for (const text of ['x', 'MS4', '....', encodeCursor(BEGINNING).slice(1)]) expect(decodeCursor(text)).toBeNull()
    fc.assert(
      fc.property(fc.string(), (text) => {
        const decoded = decodeCursor(text)
        if (decoded !== null) expect(comparePositions(decoded, BEGINNING)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})

describe('the order of positions', () => {
  it('goes by transaction, then by sequence', () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const expected =
          a.transactionId === b.transactionId ? a.sequence - b.sequence : a.transactionId - b.transactionId
        expect(Math.sign(comparePositions(a, b))).toBe(expected > 0n ? 1 : expected < 0n ? -1 : 0)
      }),
    )
  })

  it('puts what is settled below a horizon behind all lower transactions and before all others', () => {
    fc.assert(
      fc.property(position, fc.bigInt({ min: 1n, max: 10n ** 17n }), (at, horizon) => {
        expect(comparePositions(at, settledBelow(horizon)) < 0).toBe(at.transactionId < horizon)
      }),
    )
  })
})
