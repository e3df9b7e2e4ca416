import type { TelemetryDestination } from './telemetryDestination.ts'
import type { TelemetryBuffering } from './telemetrySubscription.ts'

/** Events that a subscriber was not given. */
export interface DroppedTelemetry {
  readonly droppedRecords: number
  readonly droppedBytes: number
  readonly reason: string
}

const TOO_SLOW = 'Some logs were dropped because the downstream consumer is slower than the logs production rate'

/**
 * Gathers events for one subscriber and sends them in its order: when enough have come, or the first of them has waited
 * for long enough. At most two batches are held, one of them on its way: what a subscriber is too slow for is dropped.
 */
export class TelemetrySubscriber {
  readonly #destination: TelemetryDestination
  readonly #buffering: TelemetryBuffering
  readonly #onDropped: (dropped: DroppedTelemetry) => void
  #events: string[] = []
  #byteCount = 0
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | null = null
  #isPaused = false
  /** Whether the time of the present batch is up, but the one before it is still on its way or nobody runs. */
  #isDue = false

  constructor(
    destination: TelemetryDestination,
    buffering: TelemetryBuffering,
    onDropped: (dropped: DroppedTelemetry) => void,
  ) {
    this.#destination = destination
    this.#buffering = buffering
    this.#onDropped = onDropped
  }

  /** Takes an event, as JSON. */
  add(event: string): void {
    this.#events.push(event)
    this.#byteCount += Buffer.byteLength(event)
    const { maxItems, maxBytes, timeoutMs } = this.#buffering
    if (this.#events.length >= maxItems || this.#byteCount >= maxBytes) {
      if (this.#canSend) this.#send()
      else this.#drop(this.#take(), TOO_SLOW)
    } else this.#timer ??= setTimeout(() => this.#sendWhenDue(), timeoutMs).unref()
  }

  /** Nothing is sent until `resume`: nobody runs who could take it. */
  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    if (this.#isDue) this.#sendWhenDue()
  }

  /** Sends what there is. Resolves when all of it has been taken or dropped; never rejects. */
  async flush(): Promise<void> {
    await this.#sending
    if (this.#canSend) this.#send()
    await this.#sending
  }

  close(): void {
    this.#isPaused = true
    clearTimeout(this.#timer)
    this.#destination.close()
  }

  get #canSend(): boolean {
    return this.#sending === null && !this.#isPaused
  }

  #sendWhenDue(): void {
    this.#isDue = !this.#canSend
    if (this.#canSend) this.#send()
  }

  #send(): void {
    const batch = this.#take()
    if (batch.events.length === 0) return
    this.#sending = this.#destination
      .send(batch.events)
      .catch((error: Error) => this.#drop(batch, `could not send events: ${error.message}`))
      .finally(() => {
        this.#sending = null
        if (this.#isDue) this.#sendWhenDue()
      })
  }

  #take() {
    const batch = { events: this.#events, byteCount: this.#byteCount }
    this.#events = []
    this.#byteCount = 0
    this.#isDue = false
    clearTimeout(this.#timer)
    this.#timer = undefined
    return batch
  }

  #drop({ events, byteCount }: { readonly events: readonly string[]; readonly byteCount: number }, reason: string) {
    this.#onDropped({ droppedRecords: events.length, droppedBytes: byteCount, reason })
  }
}
