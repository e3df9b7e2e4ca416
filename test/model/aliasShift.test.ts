import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canarySteps,
  decideShift,
  linearSteps,
  type RunningShift,
  refuseMalformedShift,
} from '../../src/model/aliasShift.ts'

const NO_BOUNDS = { maximumErrorRatePercent: null, maximumP99Ms: null, minimumInvocations: 10 }
const NOTHING = { invocations: 0, errors: 0, p99Ms: null }
const running = (changes: Partial<RunningShift> = {}): RunningShift => ({
  steps: linearSteps(25, 60),
  step: 0,
  stepEndsAtMs: 60_000,
  bounds: NO_BOUNDS,
  ...changes,
})

describe('the steps of a shift', () => {
  it('are one for a canary, and equal ones for a linear shift that leave the last part to its end', () => {
    expect(canarySteps(10, 300)).toEqual([{ weightPercent: 10, durationSeconds: 300 }])
    expect(linearSteps(25, 60).map(({ weightPercent }) => weightPercent)).toEqual([25, 50, 75])
    expect(linearSteps(30, 60).map(({ weightPercent }) => weightPercent)).toEqual([30, 60, 90])
    expect(linearSteps(99, 60).map(({ weightPercent }) => weightPercent)).toEqual([99])
  })

  it('of every linear plan can be had', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 604_800 }), (percent, seconds) => {
        refuseMalformedShift(linearSteps(percent, seconds), NO_BOUNDS)
      }),
    )
  })

  it.each([
    ['none', [], NO_BOUNDS],
    ['a weight of 0', canarySteps(0, 60), NO_BOUNDS],
    ['a weight of 100', canarySteps(100, 60), NO_BOUNDS],
    ['no time', canarySteps(10, 0), NO_BOUNDS],
    ['a weight that does not grow', [...canarySteps(10, 60), ...canarySteps(10, 60)], NO_BOUNDS],
    ['an error rate above 100', canarySteps(10, 60), { ...NO_BOUNDS, maximumErrorRatePercent: 101 }],
    ['a p99 of 0', canarySteps(10, 60), { ...NO_BOUNDS, maximumP99Ms: 0 }],
    ['no invocation to judge by', canarySteps(10, 60), { ...NO_BOUNDS, minimumInvocations: 0 }],
    ['more invocations to judge by than are looked at', canarySteps(10, 60), { ...NO_BOUNDS, minimumInvocations: 501 }],
    ['of a linear plan of 0 percent', linearSteps(0, 60), NO_BOUNDS],
  ])('are refused with %s', (_name, steps, bounds) => {
    expect(() => refuseMalformedShift(steps, bounds)).toThrow(expect.objectContaining({ code: 'VALIDATION' }))
  })
})

describe('a shift', () => {
  it('waits until its step is over, goes to the next one, and is complete behind the last', () => {
    expect(decideShift(running(), NOTHING, 59_999)).toEqual({ kind: 'WAIT' })
    expect(decideShift(running(), NOTHING, 61_000)).toEqual({
      kind: 'STEP',
      step: 1,
      weightPercent: 50,
      stepEndsAtMs: 121_000,
    })
    expect(decideShift(running({ step: 2 }), NOTHING, 60_000)).toEqual({ kind: 'COMPLETE' })
  })

  it('skips no step, however late it is looked at', () => {
    expect(decideShift(running(), NOTHING, 10 ** 12)).toMatchObject({ kind: 'STEP', step: 1 })
  })

  it('is taken back when more fail than allowed, and not when exactly as many do', () => {
    const bounds = { ...NO_BOUNDS, maximumErrorRatePercent: 10 }
    expect(decideShift(running({ bounds }), { invocations: 20, errors: 2, p99Ms: 1 }, 0).kind).toBe('WAIT')
    expect(decideShift(running({ bounds }), { invocations: 20, errors: 3, p99Ms: 1 }, 0)).toEqual({
      kind: 'ROLL_BACK',
      reason: '15.0 % of 20 invocations failed, more than 10 %.',
    })
  })

  it('is taken back when the p99 is above its bound', () => {
    const bounds = { ...NO_BOUNDS, maximumP99Ms: 100 }
    expect(decideShift(running({ bounds }), { invocations: 10, errors: 0, p99Ms: 100 }, 0).kind).toBe('WAIT')
    expect(decideShift(running({ bounds }), { invocations: 10, errors: 0, p99Ms: 100.5 }, 0)).toEqual({
      kind: 'ROLL_BACK',
      reason: 'The p99 of 10 invocations is 100.5 ms, more than 100 ms.',
    })
  })

  it('is judged by no fewer invocations than asked for', () => {
    const bounds = { maximumErrorRatePercent: 0, maximumP99Ms: 1, minimumInvocations: 10 }
    expect(decideShift(running({ bounds }), { invocations: 9, errors: 9, p99Ms: 999 }, 0).kind).toBe('WAIT')
  })

  it('never moves traffic on bad news, and always ends', () => {
    const measurement = fc.record({ invocations: fc.nat({ max: 100 }), errorShare: fc.nat({ max: 100 }) })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99 }),
        fc.array(measurement, { minLength: 1, maxLength: 200 }),
        (percent, measurements) => {
          const bounds = { ...NO_BOUNDS, maximumErrorRatePercent: 50 }
          let shift = running({ steps: linearSteps(percent, 60), bounds })
          for (let look = 0; look < 10_000; look += 1) {
            const { invocations, errorShare } = measurements[look % measurements.length]!
            const errors = Math.floor((invocations * errorShare) / 100)
            const decision = decideShift(shift, { invocations, errors, p99Ms: 1 }, look * 30_000)
            const isBad = invocations >= 10 && errors * 2 > invocations
            expect(decision.kind === 'ROLL_BACK').toBe(isBad)
            if (decision.kind === 'ROLL_BACK' || decision.kind === 'COMPLETE') return
            if (decision.kind === 'STEP') shift = { ...shift, step: decision.step, stepEndsAtMs: decision.stepEndsAtMs }
          }
          expect.fail('it did not end')
        },
      ),
    )
  })
})
