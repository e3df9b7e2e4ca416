import { describe, expect, it } from 'vitest'
import { effectiveCapacity, poolCapacity, reservationFault, UNRESERVED_POOL } from '../../src/model/concurrencyRules.ts'

describe('a reservation', () => {
  it.each([
    [900, 0, 1000, true],
    [901, 0, 1000, false],
    [400, 500, 1000, true],
    [401, 500, 1000, false],
    [1, 900, 1000, false],
    [0, 900, 1000, true],
    [0, 0, 10, true],
    [1, 0, 10, false],
  ])('of %i beside %i of others, of %i in all: %s', (wanted, others, all, isAllowed) => {
    expect(reservationFault(wanted, 0, { concurrentExecutions: all, heldByOthers: others }) === null).toBe(isAllowed)
  })
})

describe('a pool', () => {
  const limits = { concurrentExecutions: 10, reserved: new Map([['a', 4]]), provisioned: new Map() }

  it('has what is reserved for it, and the rest is shared', () => {
    expect(poolCapacity(limits, 'a')).toBe(4)
    expect(poolCapacity(limits, UNRESERVED_POOL)).toBe(6)
    expect(poolCapacity(limits, 'no longer reserved')).toBe(0)
  })

  it('gives way to another one that became smaller than what runs in it', () => {
    expect(effectiveCapacity(limits, UNRESERVED_POOL, new Map([['a', 7]]))).toBe(3)
    expect(effectiveCapacity(limits, 'a', new Map([[UNRESERVED_POOL, 12]]))).toBe(0)
    expect(effectiveCapacity(limits, 'a', new Map([['a', 9]]))).toBe(4)
  })
})
