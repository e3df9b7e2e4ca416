import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateMonth, monthSpan } from '../../src/model/bill.ts'
import {
  billedDurationMs,
  DEFAULT_PRICE_LIST,
  durationPriceNanoUsd,
  formatNanoUsd,
  requestPricesNanoUsd,
} from '../../src/model/price.ts'

describe('a month', () => {
  it('goes from its first moment to that of the next one, UTC, over the end of the year', () => {
    expect(monthSpan('2026-11')).toEqual({ fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 11, 1) })
    expect(monthSpan('2026-12')).toEqual({ fromMs: Date.UTC(2026, 11, 1), toMs: Date.UTC(2027, 0, 1) })
  })

  it.each(['2026-13', '2026-00', '2026', '2026-1', '2026-11-01', ''])('is not %j', (text) => {
    expect(monthSpan(text)).toBeNull()
  })
})

describe('an estimate', () => {
  it('is what the prices say: three million requests of 120 ms at 512 MB', () => {
    const estimate = estimateMonth(
      { requests: 3_000_000n, durationMs: 120, memoryMiB: 512, freeRequests: 1_000_000n },
      DEFAULT_PRICE_LIST,
    )
    expect(estimate.billedMs).toBe(200)
    expect(formatNanoUsd(estimate.requestPriceNanoUsd)).toBe('0.4')
    expect(formatNanoUsd(estimate.durationPriceNanoUsd)).toBe('5.001')
  })

  it('is the sum of the ledger that the month would have', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 50 }),
        fc.integer({ min: 0, max: 900_000 }),
        fc.integer({ min: 128, max: 10_240 }),
        fc.bigInt({ min: 0n, max: 60n }),
        (requests, durationMs, memoryMiB, freeRequests) => {
          const prices = { ...DEFAULT_PRICE_LIST, freeRequestsPerMonth: freeRequests }
          const billedMs = billedDurationMs(durationMs * 1000, prices.billingStepMs)
          const estimate = estimateMonth({ requests: BigInt(requests), durationMs, memoryMiB, freeRequests }, prices)
          const requestPrices = requestPricesNanoUsd(0n, requests, prices)
          expect(estimate.requestPriceNanoUsd).toBe(requestPrices.reduce((sum, price) => sum + price, 0n))
          expect(estimate.durationPriceNanoUsd).toBe(
            BigInt(requests) * durationPriceNanoUsd(billedMs, memoryMiB, prices),
          )
        },
      ),
    )
  })
})
