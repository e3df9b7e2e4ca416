import { describe, expect, it } from 'vitest'
import { createProcessorLoad } from '../../src/environments/processorLoad.ts'

const PROCESSORS = 2

/** A machine on which time passes as the test says. */
function machine() {
  const at = { nowMs: 5_000, busyMs: 90_000, idleMs: 1_000, loopBusyMs: 4_000, loopIdleMs: 1_000 }
  const load = createProcessorLoad({
    now: () => at.nowMs,
    processors: () => ({ busyMs: at.busyMs, idleMs: at.idleMs }),
    eventLoop: () => ({ busyMs: at.loopBusyMs, idleMs: at.loopIdleMs }),
  })
  return {
    isFull: () => load.isFull(),
    /** Shares are of the processors together, and of the service's event loop. */
    pass(elapsedMs: number, share: number, loopShare = 0.1) {
      at.nowMs += elapsedMs
      at.busyMs += PROCESSORS * elapsedMs * share
      at.idleMs += PROCESSORS * elapsedMs * (1 - share)
      at.loopBusyMs += elapsedMs * loopShare
      at.loopIdleMs += elapsedMs * (1 - loopShare)
      return this
    },
  }
}

describe('the load of a machine', () => {
  it('is full as long as it is not known', () => {
    const { isFull, pass } = machine()
    expect(isFull()).toBe(true)
    pass(99, 0)
    expect(isFull()).toBe(true)
  })

  it.each([
    ['no processor is busy', 0, 0, false],
    ['half of the processors are busy', 0.5, 0.1, false],
    ['nearly all processors are busy', 0.8, 0.1, true],
    ['the service itself is, on a machine of many processors', 0.1, 0.9, true],
  ])('where %s: %d and %d of it, it is full: %s', (_, share, loopShare, isFull) => {
    const at = machine()
    at.isFull()
    at.pass(100, share, loopShare)
    expect(at.isFull()).toBe(isFull)
  })

  it('is what happened of late, and not before', () => {
    const at = machine()
    at.isFull()
    const seen = [0, 1, 1, 0, 0].map((share) => {
      at.pass(120, share)
      return at.isFull()
    })
    expect(seen).toEqual([false, true, true, false, false])
  })

  it('is not looked at more than ten times a second', () => {
    const at = machine()
    at.isFull()
    at.pass(120, 0)
    expect(at.isFull()).toBe(false)
    at.pass(50, 1)
    expect(at.isFull()).toBe(false)
    at.pass(50, 1)
    expect(at.isFull()).toBe(true)
  })

  it('is not known any more when nobody has asked for a while', () => {
    const at = machine()
    at.isFull()
    at.pass(120, 0)
    expect(at.isFull()).toBe(false)
    at.pass(60_000, 0)
    expect(at.isFull()).toBe(true)
    at.pass(100, 0)
    expect(at.isFull()).toBe(false)
  })

  it('is full where the clock of the processors stands still', () => {
    const at = machine()
    at.isFull()
    at.pass(0, 0)
    expect(at.isFull()).toBe(true)
  })
})
