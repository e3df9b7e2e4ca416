import type { EnvironmentRequest } from './contract.ts'
import type { Sandbox } from './drivers/contract.ts'
import type { LineSink } from './outputReader.ts'
import { encodeFrame, FrameDecoder, ProtocolViolation, SERVICE_FRAMES } from './protocol/frames.ts'
import { type BootstrapMessage, messageOf } from './protocol/messages.ts'
import { ResponseStream, STREAM_WINDOW_BYTES } from './responseStream.ts'
import { responseTooLarge } from './runtimeApi/answerBody.ts'
import { assignmentsLine } from './runtimeApi/shellAssignments.ts'
import type { RuntimeAnswer, RuntimeChannel, RuntimeSetup } from './runtimeChannel.ts'
import { withLimit } from './withLimit.ts'

type BootstrapAnswer = Exclude<BootstrapMessage, { kind: 'LOG' | 'CHUNK' }>

/** A sandbox that has ended closes its answers; who holds them open from elsewhere is not waited for. */
const LAST_WORDS_MS = 2_000

/** How often a bootstrap is told that pieces have been taken: often enough that it need not wait for it. */
const TAKEN_STEP_BYTES = STREAM_WINDOW_BYTES / 2
/** Far more than a bootstrap of ours ever leaves unread. */
const MOST_UNREAD_BYTES = 64 * 1024

interface Question {
  /** Whether an answer is one to this question: a stale or forged one is not. */
  readonly accepts: (answer: BootstrapAnswer) => boolean
  readonly resolve: (answer: RuntimeAnswer) => void
  /** The event's response, should it come in pieces; null where the question is no event. */
  readonly streamed: { readonly requestId: string; readonly stream: ResponseStream } | null
}

/** Talks to the service's own bootstraps: frames on two descriptors. A violation ends the sandbox. */
export class FrameChannel implements RuntimeChannel {
  readonly #sandbox: Sandbox
  readonly #onRecord: LineSink
  #question: Question | null = null
  /** The answer to everything that is asked from now on. */
  #last: RuntimeAnswer | null = null

  /** Log records go to `onRecord`; a promise of its holds further reading up. */
  constructor(sandbox: Sandbox, onRecord: LineSink) {
    this.#sandbox = sandbox
    this.#onRecord = onRecord
    const isRead = this.#read()
    void sandbox.ended.then(async (end) => {
      // What it said before it ended may still be on its way.
      await withLimit(isRead, LAST_WORDS_MS)
      this.#finish({ kind: 'ENDED', end })
    })
  }

  load(setup: RuntimeSetup, limitMs: number): Promise<RuntimeAnswer> {
    const { wrapperEnvironment, ...header } = setup
    const init = encodeFrame(SERVICE_FRAMES.INIT, header)
    const frame =
      wrapperEnvironment === null ? init : Buffer.concat([Buffer.from(assignmentsLine(wrapperEnvironment)), init])
    return this.#ask(frame, limitMs, {
      accepts: ({ kind }) => kind === 'READY' || kind === 'INIT_ERROR',
      streamed: null,
    })
  }

  async handle(request: EnvironmentRequest, deadlineMs: number, limitMs: number): Promise<RuntimeAnswer> {
    const { requestId, payload, invokedFunctionArn, clientContext, traceId, responseSink = null } = request
    const header = { requestId, deadlineMs, invokedFunctionArn, clientContext, traceId }
    const stream = new ResponseStream(responseSink, this.#teller(requestId))
    const answer = await this.#ask(encodeFrame(SERVICE_FRAMES.INVOKE, header, payload), limitMs, {
      accepts(given) {
        if (given.kind === 'RESULT') return given.requestId === requestId && !stream.hasBegun
        return (given.kind === 'ERROR' || given.kind === 'END') && given.requestId === requestId
      },
      streamed: { requestId, stream },
    })
    stream.close()
    return answer
  }

  async #ask(frame: Buffer, limitMs: number, question: Omit<Question, 'resolve'>): Promise<RuntimeAnswer> {
    if (this.#last !== null) return this.#last
    let timer: NodeJS.Timeout | undefined
    const answer = await new Promise<RuntimeAnswer>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'TIMED_OUT' }), limitMs)
      this.#question = { ...question, resolve }
      this.#sandbox.requests.write(frame)
    })
    clearTimeout(timer)
    this.#question = null
    return answer
  }

  async #read(): Promise<void> {
    const decoder = new FrameDecoder()
    try {
      for await (const chunk of this.#sandbox.answers) {
        for (const frame of decoder.push(chunk as Buffer)) await this.#take(messageOf(frame))
      }
    } catch {
      this.#sandbox.kill()
      this.#finish({ kind: 'VIOLATION' })
    }
  }

  async #take(message: BootstrapMessage): Promise<void> {
    if (message.kind === 'LOG') {
      for (const text of message.messages) await this.#onRecord(message.source, text)
      return
    }
    if (message.kind === 'CHUNK') return this.#takeChunk(message.requestId, message.bytes)
    const question = this.#question
    if (question === null || !question.accepts(message)) {
      throw new ProtocolViolation('an answer to a question that was not asked')
    }
    this.#question = null
    question.resolve(message.kind === 'END' ? question.streamed!.stream.end() : message)
  }

  /** Hands a piece of a response on. A function that does not wait for room is not read until there is. */
  async #takeChunk(requestId: string, bytes: Buffer): Promise<void> {
    const question = this.#question
    if (question === null || question.streamed?.requestId !== requestId) {
      throw new ProtocolViolation('a piece of a response that nobody waits for')
    }
    const { stream } = question.streamed
    if (stream.write(bytes)) return stream.room ?? undefined
    this.#question = null
    question.resolve(responseTooLarge(stream.limitBytes, true))
  }

  /**
   * Tells the bootstrap what has been taken of a response, in steps: however small its pieces are, that is not often. One
   * that does not read what it is told is told no more.
   */
  #teller(requestId: string): (weightBytes: number) => void {
    const { requests } = this.#sandbox
    let untoldBytes = 0
    return (weightBytes) => {
      untoldBytes += weightBytes
      if (untoldBytes < TAKEN_STEP_BYTES || requests.writableLength > MOST_UNREAD_BYTES) return
      requests.write(encodeFrame(SERVICE_FRAMES.TAKEN, { requestId, weightBytes: untoldBytes }))
      untoldBytes = 0
    }
  }

  #finish(answer: RuntimeAnswer): void {
    this.#last ??= answer
    this.#question?.resolve(this.#last)
    this.#question = null
  }
}
