import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type ExecutionCharge, priceExecutions, transitionCounts } from '../../src/billing/priceExecutions.ts'
import { transitionsPriceNanoUsd } from '../../src/model/stepFunctionPrice.ts'

const charge = (transitions: number): ExecutionCharge => ({
  scope: { accountId: '100000000001', region: 'us-east-1' },
  timestampMs: Date.UTC(2026, 10, 20),
  executionId: 'x',
  redrive: 0,
  stateMachineName: 'm',
  type: 'STATE_TRANSITIONS',
  transitions,
  durationMs: 0,
})

it('the first 4,000 transitions of a month are free, the others $0.025 a thousand, however they are batched', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6_000 }), fc.array(fc.integer({ min: 0, max: 900 })), (before, counts) => {
      const charges = counts.map(charge)
      const total = counts.reduce((sum, count) => sum + count, 0)
      const counters = transitionCounts(charges).map(({ accountId, month }) => ({
        account_id: accountId,
        month,
        transitions: String(before + total),
      }))
      const prices = priceExecutions(charges, counters).map(({ requestPriceNanoUsd }) => requestPriceNanoUsd)
      const paid = Math.max(0, before + total - 4_000) - Math.max(0, before - 4_000)
      expect(prices.reduce((sum, price) => sum + price, 0n)).toBe(BigInt(paid) * 25_000n)
    }),
  )
})

it('a thousand transitions behind the free ones cost $0.025', () => {
  expect(transitionsPriceNanoUsd(4_000n, 1_000n)).toBe(25_000_000n)
})
