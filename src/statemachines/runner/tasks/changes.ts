import type { Wakeups } from '../../../events/wakeups.ts'

/** What happens to a topic, without missing what happens between two waits. */
export interface Changes extends Disposable {
  /** Resolves at once where something has happened since the last call; else when it does, or the signal aborts. */
  next(): Promise<void>
}

export function createChanges(wakeups: Wakeups, topic: string, signal: AbortSignal): Changes {
  let hasChanged = signal.aborted
  let wake: (() => void) | null = null
  const changed = () => {
    hasChanged = true
    wake?.()
  }
  const subscription = wakeups.listen(topic, changed)
  signal.addEventListener('abort', changed, { once: true })
  return {
    async next() {
      if (!hasChanged) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      wake = null
      hasChanged = false
    },
    [Symbol.dispose]() {
      subscription[Symbol.dispose]()
      signal.removeEventListener('abort', changed)
    },
  }
}
