import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateMonth, monthSpan } from '../../src/model/bill.ts'
import {
  billedDurationMs,
  DEFAULT_PRICE_LIST,
  durationPriceNanoUsd,
  formatNanoUsd,
  freePart,
  requestPriceNanoUsd,
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
      { ...UNPROVISIONED, requests: 3_000_000n, durationMs: 120, memoryMiB: 512, freeRequests: 1_000_000n },
      DEFAULT_PRICE_LIST,
    )
    expect(estimate.billedMs).toBe(200)
    expect(formatNanoUsd(estimate.requestPriceNanoUsd)).toBe('0.4')
    expect(formatNanoUsd(estimate.durationPriceNanoUsd)).toBe('5.001')
  })

  it('is the sum of the ledger that the month would have, with its free tiers', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 50 }),
        fc.integer({ min: 0, max: 900_000 }),
        fc.integer({ min: 128, max: 10_240 }),
        fc.bigInt({ min: 0n, max: 60n }),
        fc.bigInt({ min: 0n, max: 30n * 900_000n * 10_240n }),
        fc.constantFrom('X86_64' as const, 'ARM64' as const),
        fc.constantFrom(1, 100),
        (requests, durationMs, memoryMiB, freeRequests, freeMebibyteMilliseconds, architecture, billingStepMs) => {
          const prices = {
            ...DEFAULT_PRICE_LIST,
            billingStepMs,
            freeRequestsPerMonth: freeRequests,
            freeMebibyteMilliseconds,
          }
          const month = {
            ...UNPROVISIONED,
            requests: BigInt(requests),
            durationMs,
            memoryMiB,
            freeRequests,
            architecture,
          }
          const estimate = estimateMonth(month, prices)
          const duration = BigInt(billedDurationMs(durationMs * 1000, billingStepMs)) * BigInt(memoryMiB)
          let [requestPrice, durationPrice] = [0n, 0n]
          for (let before = 0n; before < BigInt(requests); before += 1n) {
            requestPrice += requestPriceNanoUsd(before, prices)
            const charged = duration - freePart(before * duration, duration, prices)
            durationPrice += durationPriceNanoUsd(charged, prices.durationPicoUsd[architecture])
          }
          expect(estimate.requestPriceNanoUsd).toBe(requestPrice)
          expect(estimate.durationPriceNanoUsd).toBe(durationPrice)
        },
      ),
    )
  })

  it('of provisioned concurrency has its own price, a lower one for what runs in it, and no free duration', () => {
    const provisioned = { ...UNPROVISIONED, provisionedConcurrency: 10, provisionedMs: 3_600_000n }
    const month = { ...provisioned, requests: 1_000n, durationMs: 1_000, memoryMiB: 1_024, freeRequests: 0n }
    const estimate = estimateMonth(month, { ...DEFAULT_PRICE_LIST, freeMebibyteMilliseconds: 10n ** 15n })
    expect(formatNanoUsd(estimate.provisionedPriceNanoUsd)).toBe('0.15012')
    expect(formatNanoUsd(estimate.durationPriceNanoUsd)).toBe('0.00972')
  })
})

const UNPROVISIONED = { architecture: 'X86_64', provisionedConcurrency: 0, provisionedMs: 0n } as const
