import { type Resolvers, withResolvers } from '../model/withResolvers.ts'
import type { ResponseSink } from './contract.ts'
import { LARGEST_RESULT_BYTES } from './protocol/messages.ts'
import { resultText } from './runtimeApi/answerBody.ts'
import type { EventAnswer } from './runtimeChannel.ts'

/**
 * AWS's limit of a streamed response.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
export const LARGEST_STREAM_BYTES = 200 * 1024 * 1024

/** How far our bootstraps let a function be ahead of whoever takes its response. */
export const STREAM_WINDOW_BYTES = 256 * 1024

/** Who goes further ahead is no bootstrap of ours, and is not read: so records in between wait only for that one. */
const LARGEST_AHEAD_BYTES = 2 * STREAM_WINDOW_BYTES

/** What a piece counts besides its bytes: many small ones must not take more memory than a few large ones. */
const PIECE_WEIGHT_BYTES = 1024

/**
 * A response that comes in pieces: they go on to the request's sink as they come, or, where it has none, are kept until
 * the response is whole. Holds a bounded number of bytes ahead of a sink, as long as its writer heeds `room`.
 */
export class ResponseStream {
  readonly #sink: ResponseSink | null
  readonly #onTaken: (weightBytes: number) => void
  /** Longer than what is in it: pieces of any size are copied into one, so that small ones take no more room. */
  #kept = Buffer.alloc(0)
  #lengthBytes = 0
  #waitingBytes = 0
  #hasBegun = false
  #isOpen = true
  #room: Resolvers<void> | null = null

  /** `onTaken` is told what has been taken: of each piece its bytes, and 1,024 more. */
  constructor(sink: ResponseSink | null, onTaken: (weightBytes: number) => void = () => undefined) {
    this.#sink = sink
    this.#onTaken = onTaken
  }

  /** Whether anything of it has come, be it the first of no pieces. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** The most that it may have. */
  get limitBytes(): number {
    return this.#sink === null ? LARGEST_RESULT_BYTES : LARGEST_STREAM_BYTES
  }

  /** Null where there is room for more; else resolves when there is, or when it is closed. */
  get room(): Promise<void> | null {
    return this.#room?.promise ?? null
  }

  begin(): void {
    if (this.#hasBegun || !this.#isOpen) return
    this.#hasBegun = true
    this.#sink?.begin()
  }

  /** Takes a piece. False, with nothing taken and the stream closed, where it goes beyond the limit. */
  write(bytes: Buffer): boolean {
    if (!this.#isOpen) return true
    this.begin()
    if (this.#lengthBytes + bytes.length > this.limitBytes) {
      this.close()
      return false
    }
    if (this.#sink === null) this.#keep(bytes)
    this.#lengthBytes += bytes.length
    const weightBytes = bytes.length + PIECE_WEIGHT_BYTES
    const taken = this.#sink?.write(bytes)
    if (taken === undefined) this.#onTaken(weightBytes)
    else this.#await(taken, weightBytes)
    return true
  }

  /** The answer of a function whose response is whole: what was kept, or `null` where a sink has it. */
  end(): EventAnswer {
    this.begin()
    if (this.#sink !== null) return { kind: 'RESULT', payload: 'null', streamedBytes: this.#lengthBytes }
    return { kind: 'RESULT', payload: resultText(this.#kept.subarray(0, this.#lengthBytes)) }
  }

  /** Takes nothing more: what still comes is dropped. */
  close(): void {
    this.#isOpen = false
    this.#kept = Buffer.alloc(0)
    this.#makeRoom()
  }

  #keep(bytes: Buffer): void {
    const lengthBytes = this.#lengthBytes + bytes.length
    if (lengthBytes > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(lengthBytes, Math.min(2 * this.#kept.length, this.limitBytes)))
      this.#kept.copy(larger, 0, 0, this.#lengthBytes)
      this.#kept = larger
    }
    bytes.copy(this.#kept, this.#lengthBytes)
  }

  #await(taken: Promise<void>, weightBytes: number): void {
    this.#waitingBytes += weightBytes
    if (this.#waitingBytes > LARGEST_AHEAD_BYTES) this.#room ??= withResolvers()
    void taken.then(() => {
      this.#waitingBytes -= weightBytes
      if (!this.#isOpen) return
      this.#onTaken(weightBytes)
      if (this.#waitingBytes <= LARGEST_AHEAD_BYTES) this.#makeRoom()
    })
  }

  #makeRoom(): void {
    this.#room?.resolve()
    this.#room = null
  }
}
