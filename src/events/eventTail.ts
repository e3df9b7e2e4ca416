import { BEGINNING, comparePositions, type Position, settledBelow } from '../model/position.ts'
import { withResolvers } from '../model/withResolvers.ts'
import { eventBatches } from './eventBatches.ts'
import type { Positioned, Reading, StreamSource } from './streamSource.ts'
import type { Wakeups } from './wakeups.ts'

const PAGE = 500
const MOST_EVENTS = 4_000
const MOST_BYTES = 8 * 1024 * 1024
const FIRST_UNSETTLED_DELAY_MS = 1
const LONGEST_UNSETTLED_DELAY_MS = 100
const ERROR_DELAY_MS = 250

/**
 * The latest events of one stream, read once for all who follow it. Holds exactly the settled events between `floor`
 * and the head; what is older must be read from the database.
 */
export class EventTail<Event extends Positioned> implements Disposable {
  readonly #source: StreamSource<Event>
  readonly #onError: (error: unknown) => void
  readonly #subscription: Disposable
  #floor: Position = BEGINNING
  #head: Position = BEGINNING
  #events: { readonly event: Event; readonly sizeBytes: number; readonly batch: readonly Event[] }[] = []
  #sizeBytes = 0
  #isReady = false
  #isDisposed = false
  #isReading = false
  #mustReadAgain = false
  /** The highest transaction that is known to have written to the stream, or may have. */
  #expected = 0n
  /** Whether somebody may have written without waking this tail: before it was there, or while wake-ups were missed. */
  #mayHaveMissed = true
  #changed = withResolvers<void>()

  constructor(source: StreamSource<Event>, wakeups: Wakeups, onError: (error: unknown) => void) {
    this.#source = source
    this.#onError = onError
    this.#subscription = wakeups.listen(source.topic, (transactionId) => this.#wake(transactionId))
    this.#wake(null)
  }

  /**
   * The events behind a position, a batch at most (`eventBatches`); null where it is older than what is held. All who are at
   * the same place are given the same array.
   */
  eventsBehind(position: Position): readonly Event[] | null {
    if (!this.#isReady || comparePositions(position, this.#floor) < 0) return null
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (comparePositions(this.#events[middle]!.event.position, position) > 0) high = middle
      else low = middle + 1
    }
    const next = this.#events[low]
    if (next === undefined) return []
    const { event, batch } = next
    return batch[0] === event ? batch : batch.slice(batch.indexOf(event))
  }

  /** Resolves once the tail knows where the stream stands. */
  async ready(signal: AbortSignal): Promise<void> {
    while (!this.#isReady && !signal.aborted) await this.changed(signal)
  }

  /** Resolves when there may be something new, or when the signal aborts. */
  async changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const aborted = withResolvers<void>()
    const abort = () => aborted.resolve()
    signal.addEventListener('abort', abort, { once: true })
    await Promise.race([this.#changed.promise, aborted.promise])
    signal.removeEventListener('abort', abort)
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#subscription[Symbol.dispose]()
  }

  #wake(transactionId: bigint | null): void {
    if (transactionId === null) this.#mayHaveMissed = true
    else this.#expect(transactionId)
    this.#mustReadAgain = true
    if (!this.#isReading) void this.#readOn()
  }

  async #readOn(): Promise<void> {
    this.#isReading = true
    let delayMs = FIRST_UNSETTLED_DELAY_MS
    while (!this.#isDisposed) {
      this.#mustReadAgain = false
      try {
        if (!this.#isReady) await this.#begin()
        else if (await this.#readPage()) continue
      } catch (error) {
        this.#onError(error)
        await pause(ERROR_DELAY_MS)
        continue
      }
      if (this.#head.transactionId >= this.#expected) {
        if (this.#mustReadAgain) continue
        break
      }
      // A transaction that wrote earlier ids is still open. Its end may not wake anybody, so look again soon.
      await pause(delayMs)
      delayMs = Math.min(delayMs * 2, LONGEST_UNSETTLED_DELAY_MS)
    }
    this.#isReading = false
  }

  async #begin(): Promise<void> {
    const { horizon } = await this.#read(settledBelow(2n ** 62n), 1)
    this.#floor = this.#head = settledBelow(horizon)
    this.#isReady = true
    this.#announce()
  }

  /** Reads the next page; true when another one may follow at once. */
  async #readPage(): Promise<boolean> {
    const reading = await this.#read(this.#head, PAGE)
    this.#head = headAfter(reading, PAGE)
    for (const batch of eventBatches(reading.events, this.#source.sizeOf)) {
      for (const event of batch) {
        const sizeBytes = this.#source.sizeOf(event)
        this.#events.push({ event, sizeBytes, batch })
        this.#sizeBytes += sizeBytes
      }
    }
    this.#evict()
    if (reading.events.length > 0) this.#announce()
    return reading.events.length === PAGE
  }

  /** Of what nobody has told this tail only the database knows, and it may not be settled yet. */
  async #read(after: Position, limit: number): Promise<Reading<Event>> {
    const mayHaveMissed = this.#mayHaveMissed
    this.#mayHaveMissed = false
    try {
      const reading = await this.#source.read(after, limit)
      if (mayHaveMissed) this.#expect(reading.newest)
      return reading
    } catch (error) {
      this.#mayHaveMissed ||= mayHaveMissed
      throw error
    }
  }

  #expect(transactionId: bigint): void {
    if (transactionId > this.#expected) this.#expected = transactionId
  }

  #evict(): void {
    let count = 0
    while (this.#events.length - count > MOST_EVENTS || (this.#sizeBytes > MOST_BYTES && count < this.#events.length)) {
      const { event, sizeBytes } = this.#events[count]!
      this.#floor = event.position
      this.#sizeBytes -= sizeBytes
      count += 1
    }
    if (count > 0) this.#events.splice(0, count)
  }

  #announce(): void {
    const { resolve } = this.#changed
    this.#changed = withResolvers<void>()
    resolve()
  }
}

/** Where a reader of pages stands after a page: behind the last event, or, after a short one, at all that is settled. */
export function headAfter(reading: Reading<Positioned>, page: number): Position {
  return reading.events.length === page ? reading.events[page - 1]!.position : settledBelow(reading.horizon)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
