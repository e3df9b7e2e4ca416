import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createConcurrencyLimiter, type Lease } from '../../src/concurrency/limiter.ts'
import { ThrottleFault } from '../../src/errors.ts'
import { type ConcurrencyLimits, reservationFault, unreservedConcurrency } from '../../src/model/concurrencyRules.ts'

const scope = { accountId: '100000000001', region: 'us-east-1' }

type Step =
  | { readonly kind: 'ACQUIRE'; readonly functionId: string }
  | { readonly kind: 'RELEASE'; readonly index: number }
  | { readonly kind: 'RESERVE'; readonly functionId: string; readonly share: number | null }
  | { readonly kind: 'LIMIT'; readonly concurrentExecutions: number }

const functionId = fc.constantFrom('a', 'b', 'c')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('ACQUIRE' as const), functionId }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('RELEASE' as const), index: fc.nat({ max: 50 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('RESERVE' as const),
      functionId,
      share: fc.option(fc.nat({ max: 4 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('LIMIT' as const), concurrentExecutions: fc.nat({ max: 12 }) }),
  },
)

describe('the limiter', () => {
  it('does exactly what the rules allow, whatever comes in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        let limits: ConcurrencyLimits = { concurrentExecutions: 8, reserved: new Map() }
        const limiter = createConcurrencyLimiter(async () => limits)
        const leases: { functionId: string; lease: Lease }[] = []
        for (const each of steps) {
          if (each.kind === 'LIMIT') limits = { ...limits, concurrentExecutions: each.concurrentExecutions }
          if (each.kind === 'RESERVE') {
            const reserved = new Map(limits.reserved)
            if (each.share === null) reserved.delete(each.functionId)
            else reserved.set(each.functionId, each.share)
            limits = { ...limits, reserved }
          }
          if (each.kind === 'RELEASE') leases.splice(each.index, 1)[0]?.lease[Symbol.dispose]()
          if (each.kind === 'ACQUIRE') {
            const own = leases.filter((held) => held.functionId === each.functionId).length
            const shared = leases.filter((held) => !limits.reserved.has(held.functionId)).length
            const share = limits.reserved.get(each.functionId)
            const isAllowed = share === undefined ? shared < unreservedConcurrency(limits) : own < share
            const lease = await limiter.acquire(scope, each.functionId).catch((fault: unknown) => fault)
            if (isAllowed) leases.push({ functionId: each.functionId, lease: lease as Lease })
            else {
              expect(lease).toBeInstanceOf(ThrottleFault)
              expect((lease as ThrottleFault).reason).toBe(
                share === undefined
                  ? 'CONCURRENT_INVOCATION_LIMIT_EXCEEDED'
                  : 'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED',
              )
            }
          }
          expect(limiter.inUse(scope)).toBe(leases.length)
        }
      }),
    )
  })

  it('is exact for callers that come at the same moment', async () => {
    const limiter = createConcurrencyLimiter(async () => ({ concurrentExecutions: 10, reserved: new Map([['a', 3]]) }))
    const ask = (id: string) => Promise.allSettled(Array.from({ length: 30 }, () => limiter.acquire(scope, id)))
    const [reserved, shared] = await Promise.all([ask('a'), ask('b')])
    expect(reserved.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect(shared.filter(({ status }) => status === 'fulfilled')).toHaveLength(7)
  })

  it('gives a lease back once, however often it is disposed of', async () => {
    const limiter = createConcurrencyLimiter(async () => ({ concurrentExecutions: 2, reserved: new Map() }))
    const [first] = [await limiter.acquire(scope, 'a'), await limiter.acquire(scope, 'a')]
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    expect(limiter.inUse(scope)).toBe(1)
  })
})

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
    expect(reservationFault(wanted, others, all) === null).toBe(isAllowed)
  })
})
