import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  billedDurationMs,
  billingMonth,
  DEFAULT_PRICE_LIST,
  durationPriceNanoUsd,
  formatDecimal,
  formatNanoUsd,
  freePart,
  gigabyteSeconds,
  requestPriceNanoUsd,
} from '../../src/model/price.ts'

const memoryMiB = fc.integer({ min: 128, max: 10_240 })
const billedMs = fc.integer({ min: 1, max: 9_000 }).map((steps) => steps * 100)

describe('a duration is billed', () => {
  it.each([
    [0, 100],
    [1, 100],
    [99_999, 100],
    [100_000, 100],
    [100_001, 200],
    [900_000_000, 900_000],
  ])('%i us as %i ms', (durationUs, expected) => {
    expect(billedDurationMs(durationUs, 100)).toBe(expected)
  })

  it('rounded up to the step, by less than one step', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900_000_000 }), fc.constantFrom(1, 100), (durationUs, stepMs) => {
        const billed = billedDurationMs(durationUs, stepMs)
        expect(billed % stepMs).toBe(0)
        expect(billed * 1000).toBeGreaterThanOrEqual(durationUs)
        expect(billed * 1000 - durationUs).toBeLessThan(stepMs * 1000)
      }),
    )
  })
})

describe('the price of a duration', () => {
  it('is $0.00001667 for a GB-second', () => {
    expect(formatNanoUsd(durationPriceNanoUsd(1000n * 1024n, DEFAULT_PRICE_LIST.durationPicoUsd.X86_64))).toBe(
      '0.00001667',
    )
  })

  it('is within half a nano-dollar of the exact one', () => {
    fc.assert(
      fc.property(billedMs, memoryMiB, fc.bigInt({ min: 1n, max: 20_000_000n }), (ms, mib, picoUsd) => {
        const duration = BigInt(ms) * BigInt(mib)
        const difference = durationPriceNanoUsd(duration, picoUsd) * 1_024_000_000n - duration * picoUsd
        expect(difference <= 512_000_000n && difference > -512_000_000n).toBe(true)
      }),
    )
  })
})

describe('the price of requests', () => {
  it('is nothing for the first million of a month and $0.20 per million beyond', () => {
    expect([0n, 999_999n, 1_000_000n].map((before) => requestPriceNanoUsd(before, DEFAULT_PRICE_LIST))).toEqual([
      0n,
      0n,
      200n,
    ])
    expect(formatNanoUsd(200n * 1_000_000n)).toBe('0.2')
  })
})

describe('the free duration of a month', () => {
  it('is given away in order and wholly, however durations are cut', () => {
    const durations = fc.array(fc.bigInt({ min: 1n, max: 50n }), { maxLength: 30 })
    fc.assert(
      fc.property(durations, fc.bigInt({ min: 0n, max: 300n }), (parts, freeMebibyteMilliseconds) => {
        const prices = { ...DEFAULT_PRICE_LIST, freeMebibyteMilliseconds }
        let before = 0n
        let given = 0n
        for (const part of parts) {
          const free = freePart(before, part, prices)
          // Nothing is free behind something that is not.
          if (free > 0n) expect(given).toBe(before)
          given += free
          before += part
        }
        expect(given).toBe(before < freeMebibyteMilliseconds ? before : freeMebibyteMilliseconds)
      }),
    )
  })
})

describe('money and GB-seconds are exact decimals', () => {
  it.each([
    [0n, '0'],
    [1n, '0.000000001'],
    [1_000_000_000n, '1'],
    [-1_500_000_000n, '-1.5'],
    [16_670n, '0.00001667'],
  ])('%s nano-dollars are %s', (nanoUsd, text) => {
    expect(formatNanoUsd(nanoUsd)).toBe(text)
  })

  it('and read back to the same number', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.integer({ min: 1, max: 15 }),
        (units, decimals) => {
          const [whole = '', fraction = ''] = formatDecimal(units, decimals).replace('-', '').split('.')
          const magnitude = BigInt(whole + fraction.padEnd(decimals, '0'))
          expect(units < 0n ? -magnitude : magnitude).toBe(units)
        },
      ),
    )
  })

  it('100 ms at 128 MB are 0.0125 GB-seconds', () => {
    expect(gigabyteSeconds(100, 128)).toBe('0.0125')
  })

  it('GB-seconds lose no digit', () => {
    fc.assert(
      fc.property(billedMs, memoryMiB, (ms, mib) => {
        const [whole = '', fraction = ''] = gigabyteSeconds(ms, mib).split('.')
        expect(BigInt(whole + fraction.padEnd(13, '0')) * 1_024_000n).toBe(BigInt(ms) * BigInt(mib) * 10n ** 13n)
      }),
    )
  })
})

it('a month begins at midnight UTC of its first day', () => {
  expect(billingMonth(Date.UTC(2026, 10, 30, 23, 59, 59, 999))).toBe('2026-11-01')
  expect(billingMonth(Date.UTC(2026, 11, 1))).toBe('2026-12-01')
})
