import { PlatformFault } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import type { LogSourceName } from '../model/records.ts'
import { isCustomRuntime } from '../model/runtime.ts'
import { versionName } from '../model/version.ts'
import type { EnvironmentOutcome, EnvironmentRequest, EnvironmentResult, EnvironmentSpec, LogSink } from './contract.ts'
import type { Sandbox, SandboxEnd } from './drivers/contract.ts'
import { EnvironmentLog } from './environmentLog.ts'
import { Extensions, type ShutdownReason } from './extensions/extensions.ts'
import type { ExtensionFile } from './extensions/findExtensions.ts'
import { outcomeOf, timeoutText } from './failures.ts'
import { FrameChannel } from './frameChannel.ts'
import { OutputReader } from './outputReader.ts'
import { logGroupName } from './platformVariables.ts'
import { RuntimeApiChannel } from './runtimeApi/runtimeApiChannel.ts'
import type { RuntimeAnswer, RuntimeChannel, RuntimeSetup } from './runtimeChannel.ts'
import { EnvironmentTelemetry, type TelemetrySubject } from './telemetry/environmentTelemetry.ts'
import { Telemetry } from './telemetry/telemetry.ts'
import { untilRead } from './untilRead.ts'

/** AWS's limit of the start of a managed runtime. */
const INIT_LIMIT_MS = 10_000
/** Stopping and continuing processes costs more than a short event: one that has the next at once is not stopped. */
const FREEZE_AFTER_MS = 100

export interface ExecutionEnvironmentOptions {
  readonly subject: TelemetrySubject
  readonly sandbox: Sandbox
  readonly clock: Clock
  /** Takes the lines of the start. */
  readonly onInitLog: LogSink
  /** What the sandbox's supervisor was started with; empty where it has none. */
  readonly extensions: readonly ExtensionFile[]
}

/**
 * One sandbox with its runtime: loads code, handles one event after the other, and ends. What goes wrong in it is the
 * function's fault and comes back as an outcome. When it has nothing to do for a moment its processes are stopped.
 */
export class ExecutionEnvironment {
  readonly spec: EnvironmentSpec
  readonly logStreamName: string
  readonly #sandbox: Sandbox
  readonly #clock: Clock
  readonly #log: EnvironmentLog
  readonly #outputs: readonly OutputReader[]
  readonly #channel: RuntimeChannel
  /** Null where none can register. */
  readonly #extensions: Extensions | null
  /** Null where nobody can subscribe. */
  readonly #telemetry: EnvironmentTelemetry | null
  #resolveClosed: () => void = () => undefined
  readonly #closed = new Promise<void>((resolve) => {
    this.#resolveClosed = resolve
  })
  readonly #startedAt = performance.now()
  #answeredAt = 0
  #isUsable = true
  #isHandling = true
  #isFrozen = false
  #freezeTimer: NodeJS.Timeout | undefined
  /** Until the first event has been told it. */
  #initDurationUs: number | null = null
  /** What came of the start where it failed: the answer to each event, too. */
  #initFailure: RuntimeAnswer | null = null

  constructor(options: ExecutionEnvironmentOptions) {
    const { subject, sandbox, clock, onInitLog, extensions } = options
    const { spec, logStreamName } = subject
    this.spec = spec
    this.logStreamName = logStreamName
    this.#sandbox = sandbox
    this.#clock = clock
    this.#log = new EnvironmentLog(clock, onInitLog)
    const { runtimeApi, supervisor } = sandbox
    const speaksFrames = !isCustomRuntime(spec.runtime) || runtimeApi === null
    // Runtimes of others, which have no records, break the lines of one with \r: Python's tracebacks are written so.
    const hasExtensions = supervisor !== null || !speaksFrames
    const telemetry = hasExtensions && sandbox.connect !== null ? new Telemetry(clock, sandbox.connect) : null
    this.#telemetry = telemetry === null ? null : new EnvironmentTelemetry(telemetry, subject)
    const sink = (source: LogSourceName, message: string) => {
      const line = speaksFrames ? message : message.replaceAll('\r', '\n')
      telemetry?.line('function', line)
      return this.#log.write(source, line)
    }
    const extensionSink = (source: LogSourceName, message: string) => {
      telemetry?.line('extension', message)
      return this.#log.write(source, message)
    }
    this.#outputs = [
      new OutputReader(sandbox.stdout, 'STDOUT', sink),
      new OutputReader(sandbox.stderr, 'STDERR', sink),
      ...(supervisor === null ? [] : [new OutputReader(supervisor.output, 'STDOUT', extensionSink)]),
    ]
    const { accountId } = spec.scope
    const metadata = { ...this.#names(), handler: spec.handler, accountId }
    const onBroken = () => this.#breakDown()
    this.#extensions = hasExtensions
      ? new Extensions({ sandbox, supervisor, files: extensions, metadata, telemetry, onBroken })
      : null
    const runtime = this.#extensions?.runtimeSandbox ?? sandbox
    if (speaksFrames) {
      this.#channel = new FrameChannel(runtime, sink)
      if (runtimeApi !== null) this.#extensions?.listen(runtimeApi)
    } else {
      const routes = this.#extensions === null ? [] : [this.#extensions.routes]
      this.#channel = new RuntimeApiChannel(runtime, runtimeApi, routes)
    }
    void sandbox.ended.then(() => {
      this.#close()
      // Within an event its last lines are still wanted.
      if (!this.#isHandling) this.#log.discard()
    })
  }

  /** Whether it can take another event. */
  get isUsable(): boolean {
    return this.#isUsable
  }

  /** Resolves when it can take no event any more: its extensions may still have something to do. */
  get closed(): Promise<void> {
    return this.#closed
  }

  /** Resolves when all of its processes are gone. */
  get ended(): Promise<SandboxEnd> {
    return this.#sandbox.ended
  }

  /**
   * Loads the function's code, which finds these variables and its own. Resolves when that is done, however it went: a failure is the outcome of the next event.
   * Rejects with a PlatformFault where there was no sandbox to load it in.
   */
  async init(
    roots: Pick<RuntimeSetup, 'taskRoot' | 'layersRoot'>,
    platformVariables: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { spec, logStreamName } = this
    const statics = {
      ...this.#names(),
      memoryLimitInMB: String(spec.memoryMiB),
      logGroupName: logGroupName(spec),
      logStreamName,
    }
    const environment = { ...platformVariables, ...spec.environment }
    const setup =
      spec.execWrapper === null
        ? { handler: spec.handler, ...roots, environment, wrapperEnvironment: null, statics }
        : { handler: null, ...roots, environment: {}, wrapperEnvironment: environment, statics }
    this.#telemetry?.initStarted()
    const answer = await this.#whileReading(() => {
      const load = async (limitMs: number) => {
        const loaded = await this.#channel.load(setup, limitMs)
        this.#telemetry?.initRuntimeDone(startFailure(loaded))
        return loaded
      }
      return this.#extensions?.load(environment, INIT_LIMIT_MS, load) ?? load(INIT_LIMIT_MS)
    })
    for (const line of this.#extensions?.lines() ?? []) await this.#log.write('PLATFORM', line)
    this.#initDurationUs = microsecondsBetween(this.#startedAt, this.#answeredAt)
    this.#telemetry?.initEnded(startFailure(answer), this.#initDurationUs, this.#extensions?.all ?? [])
    if (answer.kind !== 'READY') this.#initFailure = answer
    this.#rest(answer.kind === 'READY')
    if (answer.kind === 'ENDED' && !answer.end.wasStarted) throw new PlatformFault('a sandbox could not be made')
  }

  /** Runs one event. Only one at a time. Its lines are given to `onLog` before this resolves, and none later. */
  async invoke(request: EnvironmentRequest, onLog: LogSink): Promise<EnvironmentResult> {
    const { requestId } = request
    const { timeoutMs, memoryMiB } = this.spec
    this.#isHandling = true
    this.#log.open(requestId, onLog)
    this.#telemetry?.started(request)
    const startedAtMs = this.#clock.now()
    const begin = performance.now()
    const limitMs = this.#initFailure === null ? timeoutMs : INIT_LIMIT_MS
    const answer = this.#initFailure ?? (await this.#handle(request))
    const durationUs = answer.kind === 'TIMED_OUT' ? timeoutMs * 1000 : microsecondsBetween(begin, this.#answeredAt)
    const outcome = outcomeOf(answer, requestId, limitMs)
    await this.#logFailure(outcome, requestId, startedAtMs, limitMs)
    const initDurationUs = this.#initDurationUs
    this.#initDurationUs = null
    const isOutOfMemory = answer.kind === 'ENDED' && answer.end.isOutOfMemory
    const maxMemoryMiB = isOutOfMemory ? memoryMiB : Math.min(this.#sandbox.peakMiB(), memoryMiB)
    const billableUs = Math.min(durationUs, timeoutMs * 1000)
    const result = { outcome, startedAtMs, durationUs: billableUs, initDurationUs, maxMemoryMiB }
    this.#telemetry?.reported(request, result)
    this.#rest((answer.kind === 'RESULT' || answer.kind === 'ERROR') && answer.isLast !== true)
    return result
  }

  /** Ends it, with everything in it. */
  kill(): void {
    this.#end('spindown')
  }

  #end(reason: ShutdownReason): void {
    this.#close()
    this.#thaw()
    if (this.#extensions === null) this.#sandbox.kill()
    else void this.#extensions.shutdown(reason)
  }

  #close(): void {
    this.#isUsable = false
    clearTimeout(this.#freezeTimer)
    this.#resolveClosed()
  }

  /** Something of it has ended by itself. Within an event that is the event's outcome. */
  #breakDown(): void {
    if (!this.#isHandling) this.#end('failure')
  }

  #names() {
    return { functionName: this.spec.functionName, functionVersion: versionName(this.spec.versionNumber) }
  }

  #handle(request: EnvironmentRequest): Promise<RuntimeAnswer> {
    const { timeoutMs } = this.spec
    this.#thaw()
    const deadlineMs = Date.now() + timeoutMs
    return this.#whileReading(() => {
      const handle = async (limitMs: number) => {
        const begin = performance.now()
        const answer = await this.#channel.handle(request, deadlineMs, limitMs)
        const durationUs = microsecondsBetween(begin, performance.now())
        this.#telemetry?.runtimeDone(request, outcomeOf(answer, request.requestId, timeoutMs), durationUs)
        return answer
      }
      return this.#extensions?.handle(request, deadlineMs, timeoutMs, handle) ?? handle(timeoutMs)
    })
  }

  /** Asks the runtime, and reads what the function writes meanwhile: all of it, when this resolves. */
  async #whileReading(ask: () => Promise<RuntimeAnswer>): Promise<RuntimeAnswer> {
    const answer = await ask()
    this.#answeredAt = performance.now()
    if (!['READY', 'RESULT', 'ERROR'].includes(answer.kind)) {
      this.#end(answer.kind === 'TIMED_OUT' ? 'timeout' : 'failure')
    }
    await untilRead(this.#outputs)
    return answer
  }

  /** What AWS's platform itself writes to the log of an event that timed out or whose process ended. */
  async #logFailure(
    outcome: EnvironmentOutcome,
    requestId: string,
    startedAtMs: number,
    limitMs: number,
  ): Promise<void> {
    if (outcome.kind !== 'FAILED') return
    if (outcome.failure === 'TIMEOUT') {
      const at = new Date(startedAtMs + limitMs).toISOString()
      await this.#log.write('PLATFORM', `${at} ${requestId} ${timeoutText(limitMs)}`)
    }
    if (outcome.failure === 'CRASH') {
      const { errorType, errorMessage } = JSON.parse(outcome.payload) as { errorType: string; errorMessage: string }
      await this.#log.write('PLATFORM', `${errorMessage}\n${errorType}`)
    }
  }

  /** Between events: nothing of it runs, and what it may have written behind our back waits. */
  #rest(isSound: boolean): void {
    this.#isHandling = false
    if (isSound && this.#isUsable) {
      this.#log.close()
      this.#freezeTimer = setTimeout(() => this.#freeze(), FREEZE_AFTER_MS).unref()
      return
    }
    this.#log.discard()
    this.#end('failure')
  }

  #freeze(): void {
    if (!this.#isUsable) return
    this.#isFrozen = true
    this.#extensions?.pause()
    this.#sandbox.freeze()
  }

  #thaw(): void {
    clearTimeout(this.#freezeTimer)
    if (!this.#isFrozen) return
    this.#isFrozen = false
    this.#sandbox.thaw()
    this.#extensions?.resume()
  }
}

function microsecondsBetween(begin: number, end: number): number {
  return Math.max(0, Math.round((end - begin) * 1000))
}

/** What a start came to where it failed. */
function startFailure(answer: RuntimeAnswer): EnvironmentOutcome | null {
  return answer.kind === 'READY' ? null : outcomeOf(answer, '', INIT_LIMIT_MS)
}
