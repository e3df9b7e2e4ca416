import { describe, expect, it } from 'vitest'
import { type LimitIncreaseEvent, nextLimitIncreaseStatus } from '../../src/model/limitIncrease.ts'

const EVENTS: readonly LimitIncreaseEvent[] = ['APPROVED', 'DECLINED', 'CANCELLED']

describe('a limit increase', () => {
  it.each(EVENTS)('that is pending can be %s', (event) => {
    expect(nextLimitIncreaseStatus('PENDING', event)).toBe(event)
  })

  it.each(EVENTS.flatMap((status) => EVENTS.map((event) => [status, event] as const)))(
    'that is %s is not %s afterwards',
    (status, event) => {
      expect(() => nextLimitIncreaseStatus(status, event)).toThrow(`The case is ${status} already`)
    },
  )
})
