import type { Clock } from '../../src/model/clock.ts'

/** A clock that stands still until it is moved. */
export interface DrivenClock extends Clock {
  /**
   * Moves the time on by so many milliseconds and calls what became due on the way, in the order of its time and then
   * of its scheduling, each at its own time. What an action schedules within the span is called too. After each action
   * pending promises and I/O callbacks get their turn. Resolves at the new time.
   */
  advance(ms: number): Promise<void>
  /** How many actions are scheduled. */
  pending(): number
}

interface Scheduled {
  readonly atMs: number
  readonly action: () => void
}

/** A driven clock, at 2026-01-01T00:00:00Z unless told otherwise. */
export function drivenClock(startMs: number = Date.UTC(2026, 0, 1)): DrivenClock {
  let nowMs = startMs
  const scheduled = new Set<Scheduled>()

  function takeNext(untilMs: number): Scheduled | null {
    let next: Scheduled | null = null
    for (const entry of scheduled) if (entry.atMs <= untilMs && (next === null || entry.atMs < next.atMs)) next = entry
    if (next !== null) scheduled.delete(next)
    return next
  }

  return {
    now: () => nowMs,
    schedule(atMs, action) {
      const entry = { atMs, action }
      scheduled.add(entry)
      // Scheduled behind the time, as by somebody who had to ask the database first while the clock was moved on.
      if (atMs <= nowMs) setImmediate(() => scheduled.delete(entry) && action())
      return { [Symbol.dispose]: () => scheduled.delete(entry) }
    },
    async advance(ms) {
      const untilMs = nowMs + ms
      await settle()
      for (let next = takeNext(untilMs); next !== null; next = takeNext(untilMs)) {
        nowMs = Math.max(nowMs, next.atMs)
        next.action()
        await settle()
      }
      nowMs = untilMs
    },
    pending: () => scheduled.size,
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
