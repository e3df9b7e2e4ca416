import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'

/** How busy this machine is, for work that can wait until it is less so. */
export interface ProcessorLoad {
  /**
   * Whether more processes at work would only take from each other: of late, all processors together or this process, which
   * has a part in all that they do, had little time left. True as well for the first tenth of a second after nobody has
   * asked for a while, until it is known.
   */
  isFull(): boolean
}

/** What is read to find out; milliseconds that have passed since whenever. */
export interface LoadReadings {
  now(): number
  /** Of all processors together. */
  processors(): { readonly busyMs: number; readonly idleMs: number }
  /** Of this process's event loop. */
  eventLoop(): { readonly busyMs: number; readonly idleMs: number }
}

/** Shorter, and the times that the kernel counts in ticks say little. */
const WINDOW_MS = 100
const STALE_MS = 1_000
const FULL_SHARE = 0.75

/** Looks at what happened between two questions, at most ten times a second. */
export function createProcessorLoad(readings: LoadReadings = systemReadings): ProcessorLoad {
  let last = { atMs: Number.NEGATIVE_INFINITY, processors: readings.processors(), eventLoop: readings.eventLoop() }
  let isFull = true
  return {
    isFull() {
      const atMs = readings.now()
      const elapsedMs = atMs - last.atMs
      if (elapsedMs < WINDOW_MS) return isFull
      const { processors, eventLoop } = last
      last = { atMs, processors: readings.processors(), eventLoop: readings.eventLoop() }
      const share = Math.max(busyShare(processors, last.processors), busyShare(eventLoop, last.eventLoop))
      isFull = elapsedMs >= STALE_MS || share >= FULL_SHARE
      return isFull
    },
  }
}

interface Times {
  readonly busyMs: number
  readonly idleMs: number
}

function busyShare(before: Times, after: Times): number {
  const busyMs = after.busyMs - before.busyMs
  const allMs = busyMs + after.idleMs - before.idleMs
  return allMs > 0 ? busyMs / allMs : 0
}

const systemReadings: LoadReadings = {
  now: () => performance.now(),
  processors() {
    let busyMs = 0
    let idleMs = 0
    for (const { times } of cpus()) {
      idleMs += times.idle
      busyMs += times.user + times.nice + times.sys + times.irq
    }
    return { busyMs, idleMs }
  },
  eventLoop() {
    const { active, idle } = performance.eventLoopUtilization()
    return { busyMs: active, idleMs: idle }
  },
}
