import type { EnvironmentRequest } from './contract.ts'
import type { Sandbox } from './drivers/contract.ts'
import type { LineSink } from './outputReader.ts'
import { encodeFrame, FrameDecoder, ProtocolViolation, SERVICE_FRAMES } from './protocol/frames.ts'
import { type BootstrapMessage, messageOf } from './protocol/messages.ts'
import type { RuntimeAnswer, RuntimeChannel, RuntimeSetup } from './runtimeChannel.ts'
import { withLimit } from './withLimit.ts'

type BootstrapAnswer = Exclude<BootstrapMessage, { kind: 'LOG' }>

/** A sandbox that has ended closes its answers; who holds them open from elsewhere is not waited for. */
const LAST_WORDS_MS = 2_000

interface Question {
  /** Whether an answer is one to this question: a stale or forged one is not. */
  readonly accepts: (answer: BootstrapAnswer) => boolean
  readonly resolve: (answer: RuntimeAnswer) => void
}

/** Talks to the service's own bootstraps: frames on two descriptors. A violation ends the sandbox. */
export class FrameChannel implements RuntimeChannel {
  readonly writesMarks = true
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

  load(setup: RuntimeSetup, mark: string, limitMs: number): Promise<RuntimeAnswer> {
    const frame = encodeFrame(SERVICE_FRAMES.INIT, { ...setup, mark })
    return this.#ask(frame, limitMs, ({ kind }) => kind === 'READY' || kind === 'INIT_ERROR')
  }

  handle(request: EnvironmentRequest, deadlineMs: number, mark: string, limitMs: number): Promise<RuntimeAnswer> {
    const { requestId, payload, invokedFunctionArn, clientContext, traceId } = request
    const header = { requestId, deadlineMs, invokedFunctionArn, clientContext, traceId, mark }
    return this.#ask(
      encodeFrame(SERVICE_FRAMES.INVOKE, header, payload),
      limitMs,
      (answer) => (answer.kind === 'RESULT' || answer.kind === 'ERROR') && answer.requestId === requestId,
    )
  }

  async #ask(frame: Buffer, limitMs: number, accepts: Question['accepts']): Promise<RuntimeAnswer> {
    if (this.#last !== null) return this.#last
    let timer: NodeJS.Timeout | undefined
    const answer = await new Promise<RuntimeAnswer>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'TIMED_OUT' }), limitMs)
      this.#question = { accepts, resolve }
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
    const question = this.#question
    if (question === null || !question.accepts(message)) {
      throw new ProtocolViolation('an answer to a question that was not asked')
    }
    this.#question = null
    question.resolve(message)
  }

  #finish(answer: RuntimeAnswer): void {
    this.#last ??= answer
    this.#question?.resolve(this.#last)
    this.#question = null
  }
}
