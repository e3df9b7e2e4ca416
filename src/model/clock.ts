/** Everything that waits asks this clock, which tests drive by hand. Times are milliseconds since the epoch. */
export interface Clock {
  /** The present time in milliseconds since the epoch. */
  now(): number
  /**
   * Calls `action` once, at `atMs` or as soon as possible after it. Disposing before then cancels it. Never calls it
   * synchronously. Does not keep the process alive.
   */
  schedule(atMs: number, action: () => void): Disposable
}

const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's own clock. `speed` above 1 makes waiting shorter: a minute takes 60/speed seconds; `now` runs along. */
export function systemClock(speed = 1): Clock {
  const originMs = Date.now()
  const now = () => (speed === 1 ? Date.now() : originMs + (Date.now() - originMs) * speed)
  return {
    now,
    schedule(atMs, action) {
      let timer: NodeJS.Timeout
      const arm = () => {
        const waitMs = Math.max(0, (atMs - now()) / speed)
        timer = waitMs > LONGEST_TIMER_MS ? setTimeout(arm, LONGEST_TIMER_MS) : setTimeout(action, waitMs)
        timer.unref()
      }
      arm()
      return { [Symbol.dispose]: () => clearTimeout(timer) }
    },
  }
}
