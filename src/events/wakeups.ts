import { EVERY_TOPIC } from './topics.ts'

/** Calls those who wait for a topic. A wake-up says "look again", never what there is to see. */
export interface Wakeups {
  /** `listener` is given the id of the transaction that wrote, or null when wake-ups may have been missed. */
  listen(topic: string, listener: (transactionId: bigint | null) => void): Disposable
  wake(topics: Iterable<string>, transactionId: bigint): void
  /** Wakes everybody: after a connection that brings the wake-ups of other nodes was lost for a while. */
  wakeAll(): void
}

export function createWakeups(): Wakeups {
  const listeners = new Map<string, Set<(transactionId: bigint | null) => void>>()

  function wakeEverybody(transactionId: bigint | null): void {
    for (const group of listeners.values()) for (const listener of [...group]) listener(transactionId)
  }

  return {
    listen(topic, listener) {
      const group = listeners.get(topic) ?? new Set()
      listeners.set(topic, group.add(listener))
      return {
        [Symbol.dispose]() {
          group.delete(listener)
          if (group.size === 0 && listeners.get(topic) === group) listeners.delete(topic)
        },
      }
    },
    wake(topics, transactionId) {
      for (const topic of topics) {
        if (topic === EVERY_TOPIC) wakeEverybody(transactionId)
        else for (const listener of [...(listeners.get(topic) ?? [])]) listener(transactionId)
      }
    },
    wakeAll: () => wakeEverybody(null),
  }
}
