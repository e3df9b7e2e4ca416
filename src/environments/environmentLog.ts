import type { Clock } from '../model/clock.ts'
import type { LogSourceName } from '../model/records.ts'
import type { LogSink } from './contract.ts'

/**
 * Where the lines of an environment go: to whoever waits for its start, then to whoever waits for the present event.
 * What is written between two events is held back, and its writer with it, until the next event: there it appears on
 * AWS too, where the environment is frozen meanwhile.
 */
export class EnvironmentLog {
  readonly #clock: Clock
  #sink: LogSink
  #requestId: string | null = null
  #held: { readonly released: Promise<void>; readonly release: () => void } | null = null

  /** Begins with the lines of the start, which belong to no request. */
  constructor(clock: Clock, sink: LogSink) {
    this.#clock = clock
    this.#sink = sink
  }

  write(source: LogSourceName, message: string): undefined | Promise<void> {
    if (this.#held !== null) return this.#held.released.then(() => this.write(source, message))
    return this.#sink({ timestampMs: this.#clock.now(), source, message, requestId: this.#requestId })
  }

  /** From now on lines belong to this request. */
  open(requestId: string, sink: LogSink): void {
    this.#requestId = requestId
    this.#sink = sink
    this.#release()
  }

  /** From now on lines are held back. */
  close(): void {
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#held ??= { released, release }
  }

  /** From now on lines are dropped: there will be no further event. */
  discard(): void {
    this.#sink = () => undefined
    this.#release()
  }

  #release(): void {
    this.#held?.release()
    this.#held = null
  }
}
