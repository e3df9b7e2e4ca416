import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ConcurrencyLimits,
  effectiveCapacity,
  LEAST_UNRESERVED,
  poolCapacity,
  poolsOf,
  provisionedFault,
  provisionedPool,
  reservationFault,
  sharedConcurrency,
  sharedUse,
  UNRESERVED_POOL,
} from '../../src/model/concurrencyRules.ts'

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

  it('is kept free for provisioned concurrency, and filled before the shared one, where nothing is reserved', () => {
    const some = {
      ...limits,
      provisioned: new Map([
        ['a', 2],
        ['b', 3],
      ]),
    }
    expect(poolsOf(some, 'a')).toEqual(['a'])
    expect(poolsOf(some, 'b')).toEqual([provisionedPool('b'), UNRESERVED_POOL])
    expect(poolsOf(some, 'c')).toEqual([UNRESERVED_POOL])
    expect(poolCapacity(some, provisionedPool('a'))).toBe(0)
    expect(poolCapacity(some, provisionedPool('b'))).toBe(3)
    expect(poolCapacity(some, UNRESERVED_POOL)).toBe(3)
  })

  it('gives way to another one that became smaller than what runs in it', () => {
    expect(effectiveCapacity(limits, UNRESERVED_POOL, new Map([['a', 7]]))).toBe(3)
    expect(effectiveCapacity(limits, 'a', new Map([[UNRESERVED_POOL, 12]]))).toBe(0)
    expect(effectiveCapacity(limits, 'a', new Map([['a', 9]]))).toBe(4)
  })
})

const shared: ConcurrencyLimits = {
  concurrentExecutions: 1_000,
  reserved: new Map([['reserved', 300]]),
  provisioned: new Map([
    ['reserved', 100],
    ['provisioned', 50],
  ]),
}

describe('the shared concurrency', () => {
  it('is what is neither reserved nor provisioned; provisioned within a reservation counts once', () => {
    expect(sharedConcurrency(shared)).toBe(650)
    expect(sharedConcurrency({ ...shared, concurrentExecutions: 300 })).toBe(0)
  })

  it('is used only by what goes beyond what is guaranteed', () => {
    expect(sharedUse(shared, 'reserved', 250)).toBe(0)
    expect(sharedUse(shared, 'provisioned', 50)).toBe(0)
    expect(sharedUse(shared, 'provisioned', 51)).toBe(1)
    expect(sharedUse(shared, 'other', 7)).toBe(7)
  })

  it('and the guarantees together never exceed the limit', () => {
    const share = fc.nat({ max: 30 })
    const shares = fc.dictionary(fc.constantFrom('a', 'b', 'c'), share).map((each) => new Map(Object.entries(each)))
    fc.assert(
      fc.property(shares, shares, fc.dictionary(fc.constantFrom('a', 'b', 'c'), share), (reserved, asked, wished) => {
        const provisioned = new Map([...asked].map(([id, each]) => [id, Math.min(each, reserved.get(id) ?? each)]))
        const all: ConcurrencyLimits = { concurrentExecutions: 200, reserved, provisioned }
        let running = 0
        let used = 0
        for (const [id, executions] of Object.entries(wished)) {
          const capped = Math.min(executions, reserved.get(id) ?? executions)
          if (used + sharedUse(all, id, capped) > sharedConcurrency(all)) continue
          used += sharedUse(all, id, capped)
          running += capped
        }
        expect(running).toBeLessThanOrEqual(200)
      }),
    )
  })
})

describe('provisioned concurrency', () => {
  const claims = { concurrentExecutions: 1_000, heldByOthers: 200, reserved: null, provisionedElsewhere: 50 }

  it.each([
    ['all but what must be left unreserved', 650, claims, null],
    ['one more', 651, claims, `below its minimum value of [${LEAST_UNRESERVED}].`],
    ['all', 750, claims, `below its minimum value of [${LEAST_UNRESERVED}].`],
    ['more than all', 751, claims, "greater than account's unreserved concurrency [750]."],
    ['all that is reserved', 250, { ...claims, reserved: 300 }, null],
    [
      'more than is reserved',
      251,
      { ...claims, reserved: 300 },
      'should not be greater than the reservedConcurrentExecution',
    ],
  ])('of %s (%i)', (_what, wanted, having, words) => {
    const fault = provisionedFault(wanted, having)
    if (words === null) expect(fault).toBeNull()
    else expect(fault?.message).toContain(words)
  })

  it('holds up a smaller reservation, also that of 0', () => {
    const nothing = { concurrentExecutions: 1_000, heldByOthers: 0 }
    expect(reservationFault(0, 2, nothing)?.message).toBe(
      " ReservedConcurrentExecutions  0 should not be lower than function's total provisioned concurrency [2].",
    )
    expect(reservationFault(2, 2, nothing)).toBeNull()
  })
})
