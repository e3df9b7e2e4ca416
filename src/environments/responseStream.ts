import type { ResponseSink } from './contract.ts'
import { LARGEST_RESULT_BYTES } from './protocol/messages.ts'
import { resultText } from './runtimeApi/answerBody.ts'
import type { EventAnswer } from './runtimeChannel.ts'

/**
 * AWS's limit of a streamed response.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
export const LARGEST_STREAM_BYTES = 200 * 1024 * 1024

/** How far a function may be ahead of whoever takes its response. */
export const STREAM_WINDOW_BYTES = 256 * 1024

/** What a piece weighs besides its bytes: many small ones must not take more memory than a few large ones. */
const PIECE_WEIGHT_BYTES = 1024

/**
 * A response that comes in pieces: they go on to the request's sink as they come, or, where it has none, are kept until
 * the response is whole. Holds no more than the window ahead of a sink, as long as its writer heeds `room`.
 */
export class ResponseStream {
  readonly #sink: ResponseSink | null
  readonly #onTaken: (lengthBytes: number) => void
  /** Longer than what is in it: pieces of any size are copied into one, so that small ones take no more room. */
  #kept = Buffer.alloc(0)
  #lengthBytes = 0
  #waitingBytes = 0
  #hasBegun = false
  #isOpen = true
  #room: PromiseWithResolver | null = null

  /** `onTaken` is told how many bytes the sink has taken, in the order of their pieces. */
  constructor(sink: ResponseSink | null, onTaken: (lengthBytes: number) => void = () => undefined) {
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
    const taken = this.#sink?.write(bytes)
    if (taken === undefined) this.#onTaken(bytes.length)
    else this.#await(taken, bytes.length)
    return true
  }

  /** The answer of a function whose response is whole: what was kept, or `null` where a sink has it. */
  end(): EventAnswer {
    this.begin()
    const payload = this.#sink === null ? resultText(this.#kept.subarray(0, this.#lengthBytes)) : 'null'
    return { kind: 'RESULT', payload }
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

  #await(taken: Promise<void>, lengthBytes: number): void {
    const weightBytes = lengthBytes + PIECE_WEIGHT_BYTES
    this.#waitingBytes += weightBytes
    if (this.#waitingBytes > STREAM_WINDOW_BYTES) this.#room ??= withResolver()
    void taken.then(() => {
      this.#waitingBytes -= weightBytes
      if (!this.#isOpen) return
      this.#onTaken(lengthBytes)
      if (this.#waitingBytes <= STREAM_WINDOW_BYTES) this.#makeRoom()
    })
  }

  #makeRoom(): void {
    this.#room?.resolve()
    this.#room = null
  }
}

interface PromiseWithResolver {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

function withResolver(): PromiseWithResolver {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
