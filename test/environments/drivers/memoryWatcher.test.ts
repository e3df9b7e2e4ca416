import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchMemory } from '../../../src/environments/drivers/memoryWatcher.ts'

const LIMIT_MIB = 100

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Memory that is what the test says, and how often it was measured. */
function memory(chargedMiB: number | null, anonymousMiB: number, residentMiB = anonymousMiB + 30) {
  const now = { chargedMiB, anonymousMiB, residentMiB }
  const measure = vi.fn(() => now)
  return { now, measure, chargedMiB: () => now.chargedMiB }
}

describe('a memory watcher', () => {
  it('measures the processes once as long as no more is charged to them', () => {
    const watched = memory(40, 20)
    const watcher = watchMemory(LIMIT_MIB, watched, () => undefined)
    vi.advanceTimersByTime(1_000)
    expect([watched.measure.mock.calls.length, watcher.peakMiB()]).toEqual([1, 50])
  })

  it('measures them again with each mebibyte that has come to it, and not when it was there before', () => {
    const watched = memory(40, 20)
    const watcher = watchMemory(LIMIT_MIB, watched, () => undefined)
    for (const [chargedMiB, anonymousMiB, count] of [
      [40.9, 21, 1],
      [41, 22, 2],
      [10, 5, 2],
      [41.9, 22, 2],
      [60, 40, 3],
    ] as const) {
      vi.advanceTimersByTime(50)
      Object.assign(watched.now, { chargedMiB, anonymousMiB, residentMiB: anonymousMiB + 30 })
      vi.advanceTimersByTime(50)
      expect(watched.measure).toHaveBeenCalledTimes(count)
    }
    expect(watcher.peakMiB()).toBe(70)
  })

  it('ends nobody for what is charged beside the processes: files in /tmp, or what was read', () => {
    const exceeded = vi.fn()
    const watched = memory(LIMIT_MIB + 1, 20)
    watchMemory(LIMIT_MIB, watched, exceeded)
    vi.advanceTimersByTime(200)
    expect(exceeded).not.toHaveBeenCalled()
    // Each look has to measure then, for all of it may be the processes' at the next.
    expect(watched.measure).toHaveBeenCalledTimes(4)
    watched.now.anonymousMiB = LIMIT_MIB + 1
    vi.advanceTimersByTime(200)
    expect(exceeded).toHaveBeenCalledTimes(1)
  })

  it('measures with each look where nobody counts what is charged', () => {
    const exceeded = vi.fn()
    const watched = memory(null, 20)
    const watcher = watchMemory(LIMIT_MIB, watched, exceeded)
    vi.advanceTimersByTime(150)
    expect(watched.measure).toHaveBeenCalledTimes(3)
    watched.now.anonymousMiB = LIMIT_MIB + 1
    vi.advanceTimersByTime(50)
    expect([exceeded.mock.calls.length, watcher.isExceeded]).toEqual([1, true])
  })

  it('does not look while it pauses, and knows the most that there was', () => {
    const watched = memory(40, 20)
    const watcher = watchMemory(LIMIT_MIB, watched, () => undefined)
    vi.advanceTimersByTime(50)
    watcher.pause()
    Object.assign(watched.now, { chargedMiB: 90, anonymousMiB: 80, residentMiB: 110 })
    vi.advanceTimersByTime(1_000)
    expect(watcher.peakMiB()).toBe(50)
    watcher.resume()
    vi.advanceTimersByTime(50)
    expect(watcher.peakMiB()).toBe(110)
  })
})
