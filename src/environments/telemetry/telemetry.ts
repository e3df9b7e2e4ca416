import type { Clock } from '../../model/clock.ts'
import { pacedConnect } from './pacedConnect.ts'
import { type ConnectInside, openTelemetryDestination, type TelemetryDestination } from './telemetryDestination.ts'
import type { PlatformEventType, PlatformRecords, TelemetryCategory, TelemetryEvent } from './telemetryEvent.ts'
import { type DroppedTelemetry, TelemetrySubscriber } from './telemetrySubscriber.ts'
import type { TelemetrySubscription } from './telemetrySubscription.ts'

/** What came of a subscription. */
export type SubscriptionAnswer =
  | { readonly kind: 'OK' }
  /** Extensions subscribe while the environment starts. */
  | { readonly kind: 'CLOSED' }
  | { readonly kind: 'INVALID_DESTINATION'; readonly reason: string }

/** An event, as JSON, that came before a subscription. */
interface Past {
  readonly category: TelemetryCategory
  readonly event: string
}

/** As much as is kept of what happened before somebody subscribes. */
const LARGEST_HISTORY_BYTES = 262_144

interface Subscriber {
  readonly categories: readonly TelemetryCategory[]
  readonly subscriber: TelemetrySubscriber
}

/**
 * The telemetry of one environment: what happens in it goes to the extensions that subscribed, from its beginning on.
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html
 */
export class Telemetry {
  readonly #clock: Clock
  readonly #connect: ConnectInside
  readonly #subscribers = new Map<string, Subscriber>()
  /** What happened so far, for those who will subscribe; null when nobody can any more. */
  #history: Past[] | null = []
  #historyBytes = 0
  #forgotten = { droppedRecords: 0, droppedBytes: 0 }

  constructor(clock: Clock, connect: ConnectInside) {
    this.#clock = clock
    this.#connect = pacedConnect(connect, clock)
  }

  /** Tells of something that the platform did. */
  platform<Type extends PlatformEventType>(type: Type, record: PlatformRecords[Type]): void {
    this.#tell('platform', this.#event(type, record))
  }

  /** Tells of a line that the function or an extension wrote. */
  line(category: 'function' | 'extension', text: string): void {
    this.#tell(category, this.#event(category, text))
  }

  /** Has an extension told of everything, from the beginning on. A second subscription changes nothing. */
  async subscribe(name: string, { categories, target, buffering }: TelemetrySubscription): Promise<SubscriptionAnswer> {
    if (this.#history === null) return { kind: 'CLOSED' }
    let destination: TelemetryDestination
    try {
      destination = await openTelemetryDestination(target, this.#connect)
    } catch (error) {
      return { kind: 'INVALID_DESTINATION', reason: (error as Error).message }
    }
    const isKnown = this.#subscribers.has(name)
    if (this.#history === null || isKnown) destination.close()
    if (this.#history === null) return { kind: 'CLOSED' }
    if (!isKnown) {
      const onDropped = (dropped: DroppedTelemetry) => this.platform('platform.logsDropped', dropped)
      const subscriber = new TelemetrySubscriber(destination, buffering, onDropped)
      this.#retell(this.#history, categories, subscriber)
      this.#subscribers.set(name, { categories, subscriber })
    }
    const state = isKnown ? 'Already subscribed' : 'Subscribed'
    this.platform('platform.telemetrySubscription', { name, state, types: categories })
    return { kind: 'OK' }
  }

  /** From now on nobody can subscribe, and nothing is kept for those who might. */
  closeSubscription(): void {
    this.#history = null
  }

  /** Nothing is sent until `resume`: the extensions are stopped. */
  pause(): void {
    for (const { subscriber } of this.#subscribers.values()) subscriber.pause()
  }

  resume(): void {
    for (const { subscriber } of this.#subscribers.values()) subscriber.resume()
  }

  /** Sends what there is. Resolves when it was taken or dropped. */
  async flush(): Promise<void> {
    await Promise.all([...this.#subscribers.values()].map(({ subscriber }) => subscriber.flush()))
  }

  /** Ends all connections. */
  close(): void {
    this.#history = null
    for (const { subscriber } of this.#subscribers.values()) subscriber.close()
  }

  #tell(category: TelemetryCategory, event: TelemetryEvent): void {
    if (this.#history === null && this.#subscribers.size === 0) return
    const text = JSON.stringify(event)
    for (const { categories, subscriber } of this.#subscribers.values()) {
      if (categories.includes(category)) subscriber.add(text)
    }
    this.#remember(category, text)
  }

  #remember(category: TelemetryCategory, event: string): void {
    if (this.#history === null) return
    const size = Buffer.byteLength(event)
    if (this.#historyBytes + size > LARGEST_HISTORY_BYTES) {
      this.#forgotten.droppedRecords += 1
      this.#forgotten.droppedBytes += size
      return
    }
    this.#historyBytes += size
    this.#history.push({ category, event })
  }

  #retell(history: readonly Past[], categories: readonly TelemetryCategory[], subscriber: TelemetrySubscriber): void {
    for (const { category, event } of history) {
      if (categories.includes(category)) subscriber.add(event)
    }
    if (this.#forgotten.droppedRecords === 0 || !categories.includes('platform')) return
    const reason = 'Some logs were dropped because they came before the subscription'
    subscriber.add(JSON.stringify(this.#event('platform.logsDropped', { ...this.#forgotten, reason })))
  }

  #event(type: TelemetryEvent['type'], record: TelemetryEvent['record']): TelemetryEvent {
    return { time: new Date(this.#clock.now()).toISOString(), type, record }
  }
}
