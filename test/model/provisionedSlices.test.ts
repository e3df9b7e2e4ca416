import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_PRICE_LIST } from '../../src/model/price.ts'
import { chargeOfSlice, dueSlices, type ProvisionedPeriodRecord, SLICE_MS } from '../../src/model/provisionedSlices.ts'

const START = Date.UTC(2026, 10, 23)
const period = (changes: Partial<ProvisionedPeriodRecord> = {}): ProvisionedPeriodRecord => ({
  id: 'period',
  scope: { accountId: '100000000001', region: 'us-east-1' },
  functionId: 'f',
  functionName: 'f',
  versionNumber: 1,
  memoryMiB: 1_024,
  architecture: 'X86_64',
  environments: 2,
  startedAtMs: START,
  endedAtMs: null,
  billedUntilMs: START,
  ...changes,
})

describe('the slices of a period of provisioned concurrency', () => {
  it('are due when their five minutes are over, the last one when the period has ended', () => {
    expect(dueSlices(period(), START + SLICE_MS - 1, 9)).toEqual([])
    expect(dueSlices(period(), START + SLICE_MS, 9)).toEqual([{ slice: 0, fromMs: START, toMs: START + SLICE_MS }])
    const ended = period({ endedAtMs: START + SLICE_MS + 1_000 })
    expect(dueSlices(ended, START + SLICE_MS + 1_000, 9).map(({ fromMs, toMs }) => toMs - fromMs)).toEqual([
      SLICE_MS,
      1_000,
    ])
  })

  it('cover a period without a gap and without an overlap, in whatever steps it is billed', () => {
    const lengths = fc.integer({ min: 0, max: 40 * SLICE_MS })
    fc.assert(
      fc.property(
        lengths,
        fc.array(lengths, { maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        (lengthMs, looks, maximum) => {
          const endedAtMs = START + lengthMs
          let billedUntilMs = START
          const slices = []
          const times = [...looks.sort((one, other) => one - other).map((at) => START + at)]
          for (const nowMs of [...times, ...Array.from({ length: 41 }, () => endedAtMs + 1)]) {
            const isEnded = nowMs >= endedAtMs
            const due = dueSlices(period({ billedUntilMs, endedAtMs: isEnded ? endedAtMs : null }), nowMs, maximum)
            slices.push(...due)
            billedUntilMs = due.at(-1)?.toMs ?? billedUntilMs
          }
          expect(slices.map(({ slice }) => slice)).toEqual(slices.map((_, index) => index))
          expect(slices.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)).toBe(lengthMs)
        },
      ),
    )
  })

  it('cost $0.00000417 for a GB-second, of all environments together', () => {
    const charge = chargeOfSlice(period(), { slice: 0, fromMs: START, toMs: START + SLICE_MS }, DEFAULT_PRICE_LIST)
    expect(charge).toMatchObject({ billedMs: 600_000, priceNanoUsd: 600n * 4_170n, priceList: 'standard' })
  })
})
