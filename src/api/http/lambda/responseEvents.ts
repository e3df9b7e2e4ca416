import { PassThrough } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { NamedRun } from '../../../invocations/invoke.ts'
import { versionName } from '../../../model/version.ts'
import {
  EVENT_STREAM_TYPE,
  type InvokeComplete,
  invokeComplete,
  payloadChunk,
  serviceException,
} from './eventStream.ts'

/** SDKs hold an event as a whole, and AWS allows 16 MB of one. */
const LARGEST_CHUNK_BYTES = 256 * 1024
/** What waits here for a caller who is slower than the function. */
const WAITING_BYTES = 64 * 1024

/**
 * The answer to InvokeWithResponseStream as it comes about: status and headers with the first event, then a chunk for
 * each piece of the response. It is the sink of that response: a caller who reads slowly makes the function wait, and for
 * one who has gone nothing is kept.
 */
export class ResponseEvents {
  readonly #reply: FastifyReply
  readonly #stream = new PassThrough({ highWaterMark: WAITING_BYTES })
  #run: NamedRun | null = null
  #hasBegun = false
  #room: Promise<void> | null = null
  #makeRoom: () => void = () => undefined

  constructor(reply: FastifyReply) {
    this.#reply = reply
    const makeRoom = () => {
      this.#room = null
      this.#makeRoom()
    }
    this.#stream.on('drain', makeRoom).on('close', makeRoom)
    // A caller who goes is no failure: what still comes is dropped.
    this.#stream.on('error', () => undefined)
    reply.raw.once('close', () => this.#stream.destroy())
    if (reply.raw.closed) this.#stream.destroy()
  }

  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** Says whose response it is; before it begins. */
  of(run: NamedRun): this {
    this.#run = run
    return this
  }

  /** Sends status and headers; once. */
  begin(): void {
    if (this.#hasBegun) return
    if (this.#run === null) throw new RangeError('nobody has said whose response it is')
    this.#hasBegun = true
    if (this.#isGone) return
    const { requestId, versionNumber } = this.#run
    const headers = {
      'content-type': EVENT_STREAM_TYPE,
      'x-amzn-requestid': requestId,
      'x-amz-executed-version': versionName(versionNumber),
    }
    this.#reply.code(200).headers(headers).send(this.#stream)
  }

  write(bytes: Buffer): undefined | Promise<void> {
    let hasRoom = true
    for (let begin = 0; begin < bytes.length && !this.#isGone; begin += LARGEST_CHUNK_BYTES) {
      hasRoom = this.#stream.write(payloadChunk(bytes.subarray(begin, begin + LARGEST_CHUNK_BYTES)))
    }
    if (hasRoom || this.#isGone) return undefined
    this.#room ??= new Promise((resolve) => {
      this.#makeRoom = resolve
    })
    return this.#room
  }

  /** Sends the last event. */
  end(complete: InvokeComplete): void {
    this.begin()
    if (!this.#isGone) this.#stream.end(invokeComplete(complete))
  }

  /** Breaks off what has begun: the platform has failed. */
  fail(): void {
    if (!this.#isGone) this.#stream.end(serviceException('Internal server error'))
  }

  get #isGone(): boolean {
    return this.#stream.destroyed
  }
}
