import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'

const WINDOW_MS = 500
const QUIET_SHARE = 0.1
const LONGEST_MS = 60_000

/**
 * Waits until processors have next to nothing to do: what a service starts ahead is there then. On a machine that others
 * keep busy, for a minute.
 */
export async function untilQuiet(): Promise<void> {
  const untilMs = performance.now() + LONGEST_MS
  let before = times()
  while (performance.now() < untilMs) {
    await pause(WINDOW_MS)
    const now = times()
    if (now.busyMs - before.busyMs < QUIET_SHARE * (now.allMs - before.allMs)) return
    before = now
  }
}

function times(): { readonly busyMs: number; readonly allMs: number } {
  const all = cpus().map(({ times }) => times)
  const allMs = all.reduce((sum, { user, nice, sys, irq, idle }) => sum + user + nice + sys + irq + idle, 0)
  return { busyMs: allMs - all.reduce((sum, { idle }) => sum + idle, 0), allMs }
}
