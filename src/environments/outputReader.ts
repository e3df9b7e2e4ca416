import type { Readable } from 'node:stream'
import type { LogSourceName } from '../model/records.ts'
import { LineSplitter, lineTexts } from './protocol/lineSplitter.ts'

/** Takes a line; a promise holds further reading up. */
export type LineSink = (source: LogSourceName, message: string) => undefined | Promise<void>

/** Reads what a function writes to standard output or standard error, by lines. */
export class OutputReader {
  readonly #splitter = new LineSplitter()
  readonly #source: LogSourceName
  readonly #sink: LineSink
  #isHeld = false
  #readBytes = 0

  constructor(stream: Readable, source: LogSourceName, sink: LineSink) {
    this.#source = source
    this.#sink = sink
    void this.#read(stream)
  }

  /** How much has been read so far, lines or not. */
  get readBytes(): number {
    return this.#readBytes
  }

  /** Whether it has lines to give before it reads on: a sink takes its time. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Gives an unfinished line to the sink: what the request wrote without an end. */
  async flush(): Promise<void> {
    const rest = this.#splitter.flush()
    if (rest !== null) await this.#give(rest)
  }

  async #read(stream: Readable): Promise<void> {
    try {
      for await (const chunk of stream) {
        this.#readBytes += (chunk as Buffer).length
        this.#isHeld = true
        for (const line of this.#splitter.push(chunk as Buffer)) await this.#give(line)
        this.#isHeld = false
      }
    } catch {
      // The sandbox is gone; its end is told elsewhere.
    }
    await this.flush()
    this.#isHeld = false
  }

  async #give(line: Buffer): Promise<void> {
    for (const text of lineTexts(line)) await this.#sink(this.#source, text)
  }
}
