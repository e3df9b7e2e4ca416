import type { ProcessMemory } from './processes.ts'

/** Looks at the memory of a sandbox while it runs. */
export interface MemoryWatcher {
  /** The most that was seen resident, in MiB; looks again where that is long ago. */
  peakMiB(): number
  /** Whether more was seen than may be. */
  readonly isExceeded: boolean
  /** Looks regularly from now on. */
  resume(): void
  /** Does not look again until `resume`. */
  pause(): void
}

const CHECK_MS = 50

/**
 * Watches what `measure` says; calls `onExceeded` once when the anonymous part is more than the limit: the pages of
 * programs and libraries can be had back from it at any time, and belong to everybody. Begins with watching.
 */
export function watchMemory(limitMiB: number, measure: () => ProcessMemory, onExceeded: () => void): MemoryWatcher {
  let peakMiB = 0
  let isExceeded = false
  let lookedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null
  const look = () => {
    const { anonymousMiB, residentMiB } = measure()
    peakMiB = Math.max(peakMiB, anonymousMiB, residentMiB)
    lookedAt = performance.now()
    if (anonymousMiB <= limitMiB || isExceeded) return
    isExceeded = true
    onExceeded()
  }
  // Short events one after the other need not pay for a look each.
  const lookIfStale = () => {
    if (performance.now() - lookedAt > CHECK_MS) look()
  }
  const watcher: MemoryWatcher = {
    peakMiB() {
      if (timer !== null) lookIfStale()
      return peakMiB
    },
    get isExceeded() {
      return isExceeded
    },
    resume() {
      timer ??= setInterval(look, CHECK_MS).unref()
    },
    pause() {
      if (timer === null) return
      clearInterval(timer)
      timer = null
      lookIfStale()
    },
  }
  watcher.resume()
  return watcher
}
