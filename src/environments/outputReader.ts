import type { Readable } from 'node:stream'
import type { LogSourceName } from '../model/records.ts'
import { LineSplitter, lineTexts } from './protocol/lineSplitter.ts'

/** Takes a line; a promise holds further reading up. */
export type LineSink = (source: LogSourceName, message: string) => undefined | Promise<void>

/**
 * Reads what a function writes to standard output or standard error, by lines. A line that ends with the present mark
 * is not the function's: it says that everything before it has been written.
 */
export class OutputReader {
  readonly #splitter = new LineSplitter()
  readonly #source: LogSourceName
  readonly #sink: LineSink
  #mark: { readonly bytes: Buffer; readonly reached: () => void } | null = null
  #isEnded = false
  #isBusy = false
  #chunkCount = 0

  constructor(stream: Readable, source: LogSourceName, sink: LineSink) {
    this.#source = source
    this.#sink = sink
    void this.#read(stream)
  }

  /** Resolves when the mark has been read, or the stream has ended. */
  untilMark(text: string): Promise<void> {
    if (this.#isEnded) return Promise.resolve()
    return new Promise((resolve) => {
      this.#mark = { bytes: Buffer.from(text), reached: resolve }
    })
  }

  /** A number that differs from the one of before when something has been read since; null while a sink holds it up. */
  get progress(): number | null {
    return this.#isBusy ? null : this.#chunkCount
  }

  /** Gives an unfinished line to the sink: what the request wrote without an end. */
  async flush(): Promise<void> {
    const rest = this.#splitter.flush()
    if (rest !== null) await this.#give(rest)
  }

  async #read(stream: Readable): Promise<void> {
    try {
      for await (const chunk of stream) {
        this.#chunkCount += 1
        this.#isBusy = true
        for (const line of this.#splitter.push(chunk as Buffer)) await this.#take(line)
        this.#isBusy = false
      }
    } catch {
      // The sandbox is gone; its end is told elsewhere.
    }
    await this.flush()
    this.#isBusy = false
    this.#isEnded = true
    this.#reachMark()
  }

  async #take(line: Buffer): Promise<void> {
    const mark = this.#mark?.bytes
    if (mark === undefined || !line.subarray(-mark.length).equals(mark)) {
      await this.#give(line)
      return
    }
    // What was printed without a line end before the mark stands in front of it.
    if (line.length > mark.length) await this.#give(line.subarray(0, -mark.length))
    this.#reachMark()
  }

  async #give(line: Buffer): Promise<void> {
    for (const text of lineTexts(line)) await this.#sink(this.#source, text)
  }

  #reachMark(): void {
    const mark = this.#mark
    this.#mark = null
    mark?.reached()
  }
}
