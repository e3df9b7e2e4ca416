import type { Readable } from 'node:stream'
import type { LogSourceName } from '../model/records.ts'
import { LineSplitter } from './protocol/lineSplitter.ts'

/** Takes a line; a promise holds further reading up. */
export type LineSink = (source: LogSourceName, message: string) => undefined | Promise<void>

/**
 * Reads what a function writes to standard output or standard error, by lines. A line that equals the present mark is
 * not the function's: it says that everything before it has been written.
 */
export class OutputReader {
  readonly #splitter = new LineSplitter()
  readonly #source: LogSourceName
  #mark: { readonly text: string; readonly reached: () => void } | null = null
  #sink: LineSink
  #isEnded = false

  constructor(stream: Readable, source: LogSourceName, sink: LineSink) {
    this.#source = source
    this.#sink = sink
    void this.#read(stream)
  }

  /** Where lines go from now on. */
  redirect(sink: LineSink): void {
    this.#sink = sink
  }

  /** Resolves when the mark has been read, or the stream has ended. */
  untilMark(text: string): Promise<void> {
    if (this.#isEnded) return Promise.resolve()
    return new Promise((resolve) => {
      this.#mark = { text, reached: resolve }
    })
  }

  /** Gives an unfinished line to the sink: what the request wrote without an end. */
  flush(): void {
    const rest = this.#splitter.flush()
    if (rest !== null) void this.#sink(this.#source, rest)
  }

  async #read(stream: Readable): Promise<void> {
    try {
      for await (const chunk of stream) {
        for (const line of this.#splitter.push(chunk as Buffer)) await this.#take(line)
      }
    } catch {
      // The sandbox is gone; its end is told elsewhere.
    }
    this.flush()
    this.#isEnded = true
    this.#reachMark()
  }

  async #take(line: string): Promise<void> {
    const text = this.#mark?.text
    if (text === undefined || !line.endsWith(text)) {
      await this.#sink(this.#source, line)
      return
    }
    // What was printed without a line end before the mark stands in front of it.
    if (line.length > text.length) await this.#sink(this.#source, line.slice(0, -text.length))
    this.#reachMark()
  }

  #reachMark(): void {
    const mark = this.#mark
    this.#mark = null
    mark?.reached()
  }
}
