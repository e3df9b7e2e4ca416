import { describe, expect, test } from 'vitest'
import { drivenClock } from './drivenClock.ts'

describe('the driven clock', () => {
  test('stands still until it is moved', () => {
    const clock = drivenClock(1_000)
    expect([clock.now(), clock.now()]).toEqual([1_000, 1_000])
  })

  test('calls what is due in the order of its time, each at its own time', async () => {
    const clock = drivenClock(0)
    const calls: string[] = []
    const note = (name: string) => () => calls.push(`${name} at ${clock.now()}`)
    clock.schedule(30, note('third'))
    clock.schedule(10, () => {
      note('first')()
      clock.schedule(20, note('second'))
    })
    clock.schedule(41, note('later'))
    await clock.advance(40)
    expect(calls).toEqual(['first at 10', 'second at 20', 'third at 30'])
    expect([clock.now(), clock.pending()]).toEqual([40, 1])
  })

  test('never calls what was disposed of, and nothing synchronously', async () => {
    const clock = drivenClock(0)
    let calls = 0
    clock.schedule(5, () => (calls += 1))[Symbol.dispose]()
    clock.schedule(0, () => (calls += 1))
    expect(calls).toBe(0)
    await clock.advance(10)
    expect(calls).toBe(1)
  })

  test('calls what is scheduled for the past as soon as possible, without being moved', async () => {
    const clock = drivenClock(100)
    const called = new Promise<number>((resolve) => clock.schedule(99, () => resolve(clock.now())))
    expect(await called).toBe(100)
    expect(clock.pending()).toBe(0)
  })
})
