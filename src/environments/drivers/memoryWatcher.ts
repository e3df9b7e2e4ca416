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

/** How the memory of a sandbox is found out. */
export interface MeasurableMemory {
  measure(): ProcessMemory
  /** Quicker, and never less than the anonymous part, in MiB with fractions; null where nobody counts it. */
  chargedMiB(): number | null
}

const CHECK_MS = 50
/** The processes are measured again when so much has come to what they were measured at. */
const STEP_MIB = 1

/**
 * Watches the memory of a sandbox; calls `onExceeded` once when the anonymous part is more than the limit: the pages of
 * programs and libraries can be had back from it at any time, and belong to everybody. Begins with watching.
 */
export function watchMemory(limitMiB: number, memory: MeasurableMemory, onExceeded: () => void): MemoryWatcher {
  let peakMiB = 0
  let measuredAtMiB = Number.NEGATIVE_INFINITY
  let isExceeded = false
  let lookedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null
  const look = () => {
    lookedAt = performance.now()
    const chargedMiB = memory.chargedMiB()
    if (chargedMiB !== null && chargedMiB <= limitMiB && chargedMiB < measuredAtMiB + STEP_MIB) return
    measuredAtMiB = Math.max(measuredAtMiB, chargedMiB ?? Number.NEGATIVE_INFINITY)
    const { anonymousMiB, residentMiB } = memory.measure()
    peakMiB = Math.max(peakMiB, anonymousMiB, residentMiB)
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
