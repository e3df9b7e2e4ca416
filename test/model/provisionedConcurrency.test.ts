import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allocatedOf,
  INIT_FAILURE,
  NOTHING_PROVISIONED,
  nextProvisionedState,
  type ProvisionedEvent,
  type ProvisionedState,
  shareOfNode,
  sharesOfVersions,
} from '../../src/model/provisionedConcurrency.ts'

const count = fc.nat({ max: 50 })
const state: fc.Arbitrary<ProvisionedState> = fc.oneof(
  fc.record({
    status: fc.constantFrom('IN_PROGRESS' as const, 'READY' as const),
    statusReason: fc.constant(null),
    allocated: count,
    available: count,
  }),
  fc.record({ status: fc.constant('FAILED' as const), statusReason: fc.string(), allocated: count, available: count }),
)
const event: fc.Arbitrary<ProvisionedEvent> = fc.oneof(
  fc.constant({ kind: 'PUT' as const }),
  fc.record({
    kind: fc.constant('COUNTED' as const),
    requested: fc.integer({ min: 1, max: 50 }),
    allocated: count,
    available: count,
    failure: fc.option(fc.constant(INIT_FAILURE)),
  }),
)

const counted = (requested: number, allocated: number, failure: string | null = null): ProvisionedEvent => ({
  kind: 'COUNTED',
  requested,
  allocated,
  available: allocated,
  failure,
})
const stateAfter = (...events: ProvisionedEvent[]) => events.reduce(nextProvisionedState, NOTHING_PROVISIONED)

describe('a config', () => {
  it('has in every state, after every event, a reason exactly when it is FAILED, and never more than was asked for', () => {
    fc.assert(
      fc.property(state, event, (before, happening) => {
        const next = nextProvisionedState(before, happening)
        expect(next.statusReason !== null).toBe(next.status === 'FAILED')
        if (happening.kind === 'PUT') expect(next).toEqual({ ...before, status: 'IN_PROGRESS', statusReason: null })
        else {
          expect(next.allocated).toBe(Math.min(happening.allocated, happening.requested))
          expect(next.status === 'READY').toBe(happening.allocated >= happening.requested)
        }
      }),
    )
  })

  it.each([
    ['begins IN_PROGRESS', stateAfter({ kind: 'PUT' }), 'IN_PROGRESS'],
    ['is not READY with a part', stateAfter({ kind: 'PUT' }, counted(2, 1)), 'IN_PROGRESS'],
    ['is READY with all', stateAfter({ kind: 'PUT' }, counted(2, 2)), 'READY'],
    ['stays READY with all, whatever failed beside them', stateAfter(counted(2, 2, INIT_FAILURE)), 'READY'],
    ['is IN_PROGRESS again when a node is lost', stateAfter(counted(2, 2), counted(2, 1)), 'IN_PROGRESS'],
    ['is FAILED when it gets no further', stateAfter(counted(2, 1, INIT_FAILURE)), 'FAILED'],
    ['may recover from that', stateAfter(counted(2, 1, INIT_FAILURE), counted(2, 2)), 'READY'],
    ['begins anew when it is put again', stateAfter(counted(2, 0, INIT_FAILURE), { kind: 'PUT' }), 'IN_PROGRESS'],
  ])('%s', (_rule, { status }, expected) => {
    expect(status).toBe(expected)
  })
})

describe('what is requested', () => {
  it('is parted among nodes without a rest, and evenly', () => {
    fc.assert(
      fc.property(fc.nat({ max: 500 }), fc.integer({ min: 1, max: 20 }), (requested, nodes) => {
        const shares = Array.from({ length: nodes }, (_, place) => shareOfNode(requested, place, nodes))
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(requested)
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('is parted between the versions of an alias by its weight, without a rest', () => {
    const weight = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.nat({ max: 500 }), weight, (requested, additionalWeight) => {
        const shares = sharesOfVersions(requested, { versionNumber: 1, additionalNumber: 2, additionalWeight })
        expect(shares.get(1)! + shares.get(2)!).toBe(requested)
        expect(Math.abs(shares.get(2)! - requested * additionalWeight)).toBeLessThanOrEqual(0.5)
      }),
    )
    expect(sharesOfVersions(3, { versionNumber: 4, additionalNumber: null, additionalWeight: null })).toEqual(
      new Map([[4, 3]]),
    )
  })

  it('stays allocated while one is replaced, and not when it cannot be', () => {
    expect(allocatedOf(3, 0, 2, false)).toBe(2)
    expect(allocatedOf(3, 3, 2, false)).toBe(3)
    expect(allocatedOf(3, 3, 2, true)).toBe(2)
    expect(allocatedOf(1, 3, 3, false)).toBe(1)
  })
})
