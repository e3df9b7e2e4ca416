import type { Position } from '../model/position.ts'
import { eventBatches } from './eventBatches.ts'
import { EventTail, headAfter } from './eventTail.ts'
import type { Positioned, StreamSource } from './streamSource.ts'
import type { Wakeups } from './wakeups.ts'

/** Follows streams: first what is in the database behind a position, then what comes, with no gap and no repeat. */
export interface Broker {
  /**
   * Gives the events behind a position as they are read: at least one at a time, at most 500 and about 1 MiB. Those who
   * follow live are given the same arrays. Ends when the consumer returns, when `signal` aborts, or when the broker stops.
   */
  followBatches<Event extends Positioned>(
    source: StreamSource<Event>,
    after: Position,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Event[], void, void>
  /** Ends all followers. */
  stop(): void
}

export interface BrokerOptions {
  readonly wakeups: Wakeups
  readonly onError: (error: unknown) => void
}

const PAGE = 500

/**
 * All followers of a topic share one reader, the tail, which keeps the latest events in memory. A follower that is
 * behind what the tail holds reads the database by itself, a page at a time: however slow it is, it costs no memory.
 */
export function createBroker({ wakeups, onError }: BrokerOptions): Broker {
  const tails = new Map<string, { readonly tail: EventTail<Positioned>; followers: number }>()
  const stopping = new AbortController()

  function acquireTail<Event extends Positioned>(source: StreamSource<Event>): EventTail<Event> {
    const shared = tails.get(source.topic) ?? {
      tail: new EventTail<Positioned>(source, wakeups, onError),
      followers: 0,
    }
    shared.followers += 1
    tails.set(source.topic, shared)
    // Sources with the same topic are the same stream, so the events are of the same type.
    return shared.tail as unknown as EventTail<Event>
  }

  function releaseTail(topic: string): void {
    const shared = tails.get(topic)
    if (shared === undefined) return
    shared.followers -= 1
    if (shared.followers > 0) return
    tails.delete(topic)
    shared.tail[Symbol.dispose]()
  }

  return {
    async *followBatches(source, after, signal) {
      const ended = AbortSignal.any([stopping.signal, signal])
      const tail = acquireTail(source)
      try {
        await tail.ready(ended)
        let position = after
        while (!ended.aborted) {
          const held = tail.eventsBehind(position)
          if (held !== null && held.length === 0) {
            await tail.changed(ended)
            continue
          }
          if (held !== null) {
            yield held
            position = held.at(-1)!.position
            continue
          }
          const reading = await source.read(position, PAGE)
          yield* eventBatches(reading.events, source.sizeOf)
          position = headAfter(reading, PAGE)
        }
      } finally {
        releaseTail(source.topic)
      }
    },
    stop: () => stopping.abort(),
  }
}
