import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  DELIVERY_AGE_MS,
  DELIVERY_LEASE_MS,
  type DeliveryState,
  nextDeliveryState,
} from '../../src/model/deliveryTransition.ts'

it('a delivery that is refused again and again waits longer each time, up to five minutes, and ends within six hours', () => {
  let state: DeliveryState = { kind: 'PENDING', tries: 0, dueAtMs: 0 }
  const delaysMs: number[] = []
  while (state.kind === 'PENDING') {
    const nowMs = state.dueAtMs
    state = nextDeliveryState(state, { kind: 'CLAIMED', nowMs }, 0)
    state = nextDeliveryState(state, { kind: 'REFUSED', nowMs }, 0)
    if (state.kind === 'PENDING') delaysMs.push(state.dueAtMs - nowMs)
  }
  expect(delaysMs.slice(0, 10).map((delayMs) => delayMs / 1000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300])
  expect(state.kind).toBe('FAILED')
  const total = delaysMs.reduce((sum, delayMs) => sum + delayMs)
  expect(total).toBeLessThan(DELIVERY_AGE_MS)
  expect(total).toBeGreaterThan(DELIVERY_AGE_MS - 300_001)
})

it('a claimed delivery is due for others when its lease is over, and what is done stays done', () => {
  const claimed = nextDeliveryState({ kind: 'PENDING', tries: 0, dueAtMs: 5 }, { kind: 'CLAIMED', nowMs: 7 }, 0)
  expect(claimed).toEqual({ kind: 'PENDING', tries: 1, dueAtMs: 7 + DELIVERY_LEASE_MS })
  const event = fc.oneof(
    fc.record({ kind: fc.constant('CLAIMED' as const), nowMs: fc.nat() }),
    fc.constant({ kind: 'TAKEN' as const }),
    fc.record({ kind: fc.constant('REFUSED' as const), nowMs: fc.nat() }),
  )
  fc.assert(
    fc.property(fc.constantFrom('DELIVERED' as const, 'FAILED' as const), fc.array(event), (kind, events) => {
      const done: DeliveryState = { kind, tries: 1 }
      expect(events.reduce<DeliveryState>((state, next) => nextDeliveryState(state, next, 0), done)).toEqual(done)
    }),
  )
})
