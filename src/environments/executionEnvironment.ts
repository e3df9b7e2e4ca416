import { randomBytes } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import type { LogSourceName } from '../model/records.ts'
import { versionName } from '../model/version.ts'
import type { EnvironmentOutcome, EnvironmentRequest, EnvironmentResult, EnvironmentSpec, LogLine } from './contract.ts'
import type { Sandbox, SandboxEnd } from './drivers/contract.ts'
import { crashOutcome, timeoutOutcome, timeoutText, violationOutcome } from './failures.ts'
import { OutputReader } from './outputReader.ts'
import { logGroupName } from './platformVariables.ts'
import { BOOTSTRAP_FRAMES, encodeFrame, type Frame, FrameDecoder, SERVICE_FRAMES } from './protocol/frames.ts'

/** Where lines go, with the request that they belong to. */
export type EnvironmentLogSink = (line: LogLine) => undefined | Promise<void>

/** What a bootstrap can say that ends a wait: the answer to an event or to the start, or the end of the sandbox. */
type Answer =
  | { readonly kind: 'FRAME'; readonly frame: Frame }
  | { readonly kind: 'ENDED'; readonly end: SandboxEnd }
  | { readonly kind: 'TIMED_OUT' }
  | { readonly kind: 'VIOLATION' }

/** AWS's limit of the start of a managed runtime. */
const INIT_LIMIT_MS = 10_000
/** A function that closed its own output is not waited for. */
const MARK_LIMIT_MS = 100

/**
 * One sandbox with its bootstrap: is started, runs one event after the other, and ends. What goes wrong in it is the
 * function's fault and comes back as an outcome.
 */
export class ExecutionEnvironment {
  readonly spec: EnvironmentSpec
  readonly logStreamName: string
  readonly #sandbox: Sandbox
  readonly #clock: Clock
  readonly #stdout: OutputReader
  readonly #stderr: OutputReader
  readonly #decoder = new FrameDecoder()
  readonly #startedAt = performance.now()
  #onLog: EnvironmentLogSink
  #requestId: string | null = null
  #resolveAnswer: ((answer: Answer) => void) | null = null
  #lastAnswer: Answer | null = null
  #end: SandboxEnd | null = null
  #isUsable = true
  #maxMemoryMiB = 0
  #initDurationUs: number | null = null
  /** The outcome of every event where the start failed. */
  #initFailure: ((requestId: string) => EnvironmentOutcome) | null = null

  constructor(
    spec: EnvironmentSpec,
    logStreamName: string,
    sandbox: Sandbox,
    clock: Clock,
    onInitLog: EnvironmentLogSink,
  ) {
    this.spec = spec
    this.logStreamName = logStreamName
    this.#sandbox = sandbox
    this.#clock = clock
    this.#onLog = onInitLog
    const sink = (source: LogSourceName, message: string) => this.#log(source, message)
    this.#stdout = new OutputReader(sandbox.stdout, 'STDOUT', sink)
    this.#stderr = new OutputReader(sandbox.stderr, 'STDERR', sink)
    void this.#readAnswers()
    void sandbox.ended.then((end) => {
      this.#end = end
      this.#isUsable = false
      this.#settle({ kind: 'ENDED', end })
    })
  }

  /** Whether it can take another event. */
  get isUsable(): boolean {
    return this.#isUsable
  }

  /** Resolves when all of its processes are gone. */
  get ended(): Promise<SandboxEnd> {
    return this.#sandbox.ended
  }

  /** Loads the function's code. Resolves when that is done, however it went: a failure is the outcome of the next event. */
  async init(taskRoot: string): Promise<void> {
    const { spec, logStreamName } = this
    const statics = {
      functionName: spec.functionName,
      functionVersion: versionName(spec.versionNumber),
      memoryLimitInMB: String(spec.memoryMiB),
      logGroupName: logGroupName(spec),
      logStreamName,
    }
    const header = { handler: spec.handler, taskRoot, environment: spec.environment, statics }
    this.#sandbox.requests.write(encodeFrame(SERVICE_FRAMES.INIT, header))
    const answer = await this.#answer(INIT_LIMIT_MS)
    this.#initDurationUs = Math.round((performance.now() - this.#startedAt) * 1000)
    this.#measure()
    if (answer.kind === 'FRAME' && answer.frame.type === BOOTSTRAP_FRAMES.READY) return
    this.#isUsable = false
    this.#initFailure = initFailure(answer)
    this.#sandbox.kill()
  }

  /** Runs one event. Only one at a time. */
  async invoke(request: EnvironmentRequest, onLog: EnvironmentLogSink): Promise<EnvironmentResult> {
    this.#onLog = onLog
    this.#requestId = request.requestId
    const startedAtMs = this.#clock.now()
    const begin = performance.now()
    const outcome = this.#initFailure?.(request.requestId) ?? (await this.#run(request))
    const elapsedUs = Math.round((performance.now() - begin) * 1000)
    this.#measure()
    const { timeoutMs } = this.spec
    const isTimeout = outcome.kind === 'FAILED' && outcome.failure === 'TIMEOUT'
    if (isTimeout)
      this.#log(
        'PLATFORM',
        `${new Date(startedAtMs + timeoutMs).toISOString()} ${request.requestId} ${timeoutText(timeoutMs)}`,
      )
    if (outcome.kind === 'FAILED' && outcome.failure === 'CRASH') {
      const { errorType, errorMessage } = JSON.parse(outcome.payload) as { errorType: string; errorMessage: string }
      this.#log('PLATFORM', `${errorMessage}\n${errorType}`)
    }
    const initDurationUs = this.#initDurationUs
    this.#initDurationUs = null
    this.#requestId = null
    return {
      outcome,
      startedAtMs,
      durationUs: isTimeout ? timeoutMs * 1000 : Math.min(elapsedUs, timeoutMs * 1000),
      initDurationUs,
      maxMemoryMiB: Math.min(this.#maxMemoryMiB, this.spec.memoryMiB),
    }
  }

  /** Ends it, with everything in it. */
  kill(): void {
    this.#isUsable = false
    this.#sandbox.kill()
  }

  async #run(request: EnvironmentRequest): Promise<EnvironmentOutcome> {
    const { requestId } = request
    const { timeoutMs } = this.spec
    const mark = randomBytes(16).toString('hex')
    const header = {
      requestId,
      deadlineMs: Date.now() + timeoutMs,
      invokedFunctionArn: request.invokedFunctionArn,
      clientContext: request.clientContext,
      traceId: request.traceId,
      mark,
    }
    const marks = [this.#stdout.untilMark(mark), this.#stderr.untilMark(mark)]
    this.#sandbox.requests.write(encodeFrame(SERVICE_FRAMES.INVOKE, header, request.payload))
    const answer = await this.#answer(timeoutMs)
    switch (answer.kind) {
      case 'TIMED_OUT':
        this.kill()
        await this.#untilWritten(marks)
        return timeoutOutcome(requestId, timeoutMs)
      case 'VIOLATION':
        this.kill()
        return violationOutcome(requestId)
      case 'ENDED':
        await this.#untilWritten(marks)
        return crashOutcome(requestId, answer.end)
      case 'FRAME':
        await this.#untilWritten(marks)
        return outcomeOf(answer.frame) ?? violationOutcome(requestId)
    }
  }

  /** Everything that belongs to the request has been read when both marks have, or when its output has ended. */
  async #untilWritten(marks: readonly Promise<void>[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, MARK_LIMIT_MS)
    })
    await Promise.race([Promise.all(marks), limit])
    clearTimeout(timer)
    this.#stdout.flush()
    this.#stderr.flush()
  }

  async #answer(limitMs: number): Promise<Answer> {
    if (this.#end !== null) return this.#lastAnswer ?? { kind: 'ENDED', end: this.#end }
    let timer: NodeJS.Timeout | undefined
    const answer = await new Promise<Answer>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'TIMED_OUT' }), limitMs)
      this.#resolveAnswer = resolve
      if (this.#lastAnswer !== null) this.#settle(this.#lastAnswer)
    })
    clearTimeout(timer)
    this.#resolveAnswer = null
    return answer
  }

  #settle(answer: Answer): void {
    if (this.#resolveAnswer === null) {
      // Nobody asked: only the end of a sandbox is remembered, an answer out of turn is not.
      if (answer.kind !== 'FRAME') this.#lastAnswer ??= answer
      return
    }
    const resolve = this.#resolveAnswer
    this.#resolveAnswer = null
    resolve(answer)
  }

  async #readAnswers(): Promise<void> {
    try {
      for await (const chunk of this.#sandbox.answers) {
        for (const frame of this.#decoder.push(chunk as Buffer)) await this.#take(frame)
      }
    } catch {
      this.#isUsable = false
      this.#settle({ kind: 'VIOLATION' })
      this.#sandbox.kill()
    }
  }

  async #take(frame: Frame): Promise<void> {
    if (frame.type === BOOTSTRAP_FRAMES.LOG) {
      const { source } = (frame.header ?? {}) as { source?: unknown }
      await this.#log(source === 'STDERR' ? 'STDERR' : 'STDOUT', frame.body.toString('utf8'))
      return
    }
    this.#settle({ kind: 'FRAME', frame })
  }

  #log(source: LogSourceName, message: string): undefined | Promise<void> {
    return this.#onLog({ timestampMs: this.#clock.now(), source, message, requestId: this.#requestId })
  }

  #measure(): void {
    this.#maxMemoryMiB = Math.max(this.#maxMemoryMiB, this.#sandbox.usedMiB())
  }
}

/** How a start that did not end with READY answers each event. */
function initFailure(answer: Answer): (requestId: string) => EnvironmentOutcome {
  switch (answer.kind) {
    case 'FRAME': {
      const { frame } = answer
      if (frame.type !== BOOTSTRAP_FRAMES.INIT_ERROR || !isJson(frame.body)) return violationOutcome
      return () => ({ kind: 'FAILED', failure: 'INIT_ERROR', payload: frame.body.toString('utf8') })
    }
    case 'ENDED':
      return (requestId) => crashOutcome(requestId, answer.end)
    case 'TIMED_OUT':
      return (requestId) => timeoutOutcome(requestId, INIT_LIMIT_MS)
    case 'VIOLATION':
      return violationOutcome
  }
}

const FAILURES = ['HANDLER_ERROR', 'UNSERIALISABLE_RESULT', 'RESPONSE_TOO_LARGE'] as const
const LARGEST_RESULT_BYTES = 6 * 1024 * 1024 + 100

/** The outcome that a bootstrap reports; null for what no bootstrap of ours would send. */
function outcomeOf({ type, header, body }: Frame): EnvironmentOutcome | null {
  if (body.length > LARGEST_RESULT_BYTES || !isJson(body)) return null
  const payload = body.toString('utf8')
  if (type === BOOTSTRAP_FRAMES.RESULT) return { kind: 'SUCCEEDED', payload }
  if (type !== BOOTSTRAP_FRAMES.ERROR) return null
  const { failure } = (header ?? {}) as { failure?: unknown }
  return { kind: 'FAILED', failure: FAILURES.find((name) => name === failure) ?? 'HANDLER_ERROR', payload }
}

/** The function's process wrote these bytes: that they are JSON must be seen, not believed. */
function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'))
    return true
  } catch {
    return false
  }
}
