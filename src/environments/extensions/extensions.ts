import type { Server as Socket } from 'node:net'
import type { EnvironmentRequest } from '../contract.ts'
import type { Sandbox, SandboxEnd } from '../drivers/contract.ts'
import { type ApiRoutes, closeApiServer, createApiServer } from '../runtimeApi/apiServer.ts'
import type { RuntimeAnswer } from '../runtimeChannel.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { withLimit } from '../withLimit.ts'
import { EXTENSION_COUNT, type Extension, type ExtensionFault, ExtensionRegistry } from './extensionRegistry.ts'
import { type ExtensionMetadata, ExtensionsApi } from './extensionsApi.ts'
import type { ExtensionFile } from './findExtensions.ts'
import { endOfStatus, readReports, type SupervisorStreams, signalRuntime, startExtensions } from './supervisor.ts'

/** Why an environment ends, as extensions are told. */
export type ShutdownReason = 'spindown' | 'timeout' | 'failure'

/** How long the end may take: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
const SHUTDOWN_MS = 2_000
/** How much of it the runtime has, from SIGTERM on, where extensions run beside it. */
const RUNTIME_SHUTDOWN_MS = 300
/** And where extensions run within it. Without any extension it is not asked at all. */
const INTERNAL_SHUTDOWN_MS = 500
/** How much of it what happened last may take to reach who subscribed. */
const LAST_TELEMETRY_MS = 500
/** What a shell says of a process that the kernel has killed. */
const KILLED_STATUS = 137

export interface ExtensionsOptions {
  readonly sandbox: Sandbox
  /** Null where there are no external extensions: those within the runtime need nobody to start them. */
  readonly supervisor: SupervisorStreams | null
  /** The external ones, in the order in which the supervisor was given them. */
  readonly files: readonly ExtensionFile[]
  readonly metadata: ExtensionMetadata
  /** Null where there is no way to those who would subscribe. */
  readonly telemetry: Telemetry | null
  /** Told when an extension or the runtime has ended, whatever is going on. */
  readonly onBroken: () => void
}

/**
 * The extensions of one environment beside its runtime: they begin before it, an event is over when all of them are done
 * with it, and they end after it, with time to do so. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */
export class Extensions {
  /** The sandbox as the runtime's channel sees it: it ends when the runtime does. */
  readonly runtimeSandbox: Sandbox
  /** The requests of extensions. */
  readonly routes: ApiRoutes
  readonly #sandbox: Sandbox
  readonly #supervisor: SupervisorStreams | null
  readonly #files: readonly ExtensionFile[]
  readonly #registry: ExtensionRegistry
  readonly #telemetry: Telemetry | null
  readonly #onBroken: () => void
  #runtimeEnd: SandboxEnd | null = null
  #resolveRuntimeEnd: (end: SandboxEnd) => void = () => undefined
  /** Ends a wait for the runtime. */
  #interrupt: ((answer: RuntimeAnswer) => void) | null = null
  #areStarted = false
  #isEnding = false
  #isGone = false
  /** Why the event that was last is, where the runtime has answered it. */
  #lastReason: ShutdownReason | null = null

  constructor({ sandbox, supervisor, files, metadata, telemetry, onBroken }: ExtensionsOptions) {
    this.#sandbox = sandbox
    this.#supervisor = supervisor
    this.#files = files
    this.#telemetry = telemetry
    this.#onBroken = onBroken
    this.#registry = new ExtensionRegistry(files.map(({ name }) => name))
    const api = new ExtensionsApi(this.#registry, metadata, telemetry)
    this.routes = (request, response) => api.serve(request, response)
    const ended = new Promise<SandboxEnd>((resolve) => {
      this.#resolveRuntimeEnd = resolve
    })
    this.runtimeSandbox = { ...sandbox, ended }
    if (supervisor !== null) this.#watch(supervisor)
    void sandbox.ended.then((end) => {
      this.#isGone = true
      telemetry?.close()
      this.#runtimeEnded(end)
    })
  }

  #watch(supervisor: SupervisorStreams): void {
    void readReports(supervisor, {
      onExtensionEnd: (index, status) => this.#extensionEnded(index, status),
      onRuntimeEnd: (status) => {
        // The kernel was out of memory for it: that is told by the end of the sandbox alone.
        if (status === KILLED_STATUS && !this.#isEnding) this.#sandbox.kill()
        else this.#runtimeEnded(endOfStatus(status))
      },
    })
  }

  /** Serves extensions on a socket that no runtime's API is on. */
  listen(socket: Socket): void {
    const server = createApiServer(socket, [this.routes])
    void this.#sandbox.ended.then(() => closeApiServer(server))
  }

  get all(): readonly Extension[] {
    return this.#registry.all
  }

  /** They are being stopped: nothing is sent to them until `resume`. */
  pause(): void {
    this.#telemetry?.pause()
  }

  resume(): void {
    this.#telemetry?.resume()
  }

  /** The lines about the extensions in the log of the start. */
  lines(): string[] {
    return this.#registry.lines()
  }

  /** Starts the extensions, has the runtime load its code when all of them have registered, and waits until all are ready. */
  async load(
    variables: Readonly<Record<string, string>>,
    limitMs: number,
    loadRuntime: (limitMs: number) => Promise<RuntimeAnswer>,
  ): Promise<RuntimeAnswer> {
    const left = countdown(limitMs)
    const fault = this.#launchFault()
    if (fault !== null) this.#registry.fail(fault)
    else {
      this.#areStarted = true
      if (this.#supervisor !== null) startExtensions(this.#supervisor, variables)
    }
    if (!(await this.#registry.until(({ state }) => state.kind !== 'STARTED', left()))) return this.#failure()
    const answer = await this.#unlessBroken(loadRuntime(left()))
    if (answer.kind !== 'READY') return answer
    this.#registry.isClosed = true
    return (await this.#registry.until(isIdle, left())) ? answer : this.#failure()
  }

  /** Tells the extensions of an event while the runtime handles it, and waits until all are done. */
  async handle(
    { requestId, invokedFunctionArn, traceId }: EnvironmentRequest,
    deadlineMs: number,
    limitMs: number,
    handleInRuntime: (limitMs: number) => Promise<RuntimeAnswer>,
  ): Promise<RuntimeAnswer> {
    const left = countdown(limitMs)
    const tracing = { type: 'X-Amzn-Trace-Id', value: traceId }
    this.#registry.deliver('INVOKE', { eventType: 'INVOKE', deadlineMs, requestId, invokedFunctionArn, tracing })
    const answer = await this.#unlessBroken(handleInRuntime(limitMs))
    if ((answer.kind !== 'RESULT' && answer.kind !== 'ERROR') || answer.isLast === true) return answer
    if (await this.#registry.until(isIdle, left())) return answer
    // The runtime has answered: that is the outcome, and the last one.
    this.#lastReason = this.#registry.fault === null && this.#runtimeEnd === null ? 'timeout' : 'failure'
    return { ...answer, isLast: true }
  }

  /**
   * Ends the sandbox: the runtime first, then the extensions, which are told why, and all that is left when they are done
   * or the time is up. A runtime whose time is up, or that has failed, has none to end by itself; nor has one that no
   * extension was registered for.
   */
  async shutdown(reason: ShutdownReason): Promise<void> {
    if (this.#isEnding) return
    this.#isEnding = true
    const left = countdown(SHUTDOWN_MS)
    if (this.#areStarted && this.#runtimeEnd === null) await this.#endRuntime(reason)
    if (this.#telemetry !== null) await withLimit(this.#telemetry.flush(), Math.min(LAST_TELEMETRY_MS, left()))
    const shutdownReason = this.#lastReason ?? reason
    const deadlineMs = Math.floor(Date.now() + left())
    this.#registry.deliver('SHUTDOWN', { eventType: 'SHUTDOWN', shutdownReason, deadlineMs })
    await this.#registry.untilAll((extension) => this.#isGone || !isAwaited(extension), left())
    this.#sandbox.kill()
  }

  async #endRuntime(reason: ShutdownReason): Promise<void> {
    const graceMs = runtimeGraceMs(this.#registry.all)
    if (reason === 'spindown' && graceMs > 0) {
      if (this.#supervisor === null) this.#sandbox.terminate()
      else signalRuntime(this.#supervisor, 'TERM')
      await withLimit(this.runtimeSandbox.ended, graceMs)
    }
    // Where nobody supervises it, it ends with its sandbox.
    if (this.#runtimeEnd === null && this.#supervisor !== null) signalRuntime(this.#supervisor, 'KILL')
  }

  #launchFault(): ExtensionFault | null {
    if (this.#files.length > EXTENSION_COUNT) {
      return { errorType: 'Extension.LaunchError', reason: `Extension limit (${EXTENSION_COUNT}) reached` }
    }
    const denied = this.#files.find(({ isExecutable }) => !isExecutable)
    return denied === undefined ? null : this.#launchError(denied.name, 'permission denied', 'PermissionDenied')
  }

  #launchError(name: string, reason: string, errorType: string): ExtensionFault {
    const extension = this.#registry.externalByName(name)
    if (extension !== null) this.#registry.move(extension, { kind: 'LAUNCH_ERROR', errorType })
    return { errorType: 'Extension.LaunchError', reason: `fork/exec /opt/extensions/${name}: ${reason}` }
  }

  #extensionEnded(index: number, status: number): void {
    const extension = this.#registry.externalAt(index)
    if (extension === null) return
    const fault = this.#faultOf(extension, status)
    this.#registry.move(extension, { kind: 'EXIT' })
    if (this.#isEnding) return
    this.#registry.fail(fault)
    this.#interrupt?.(this.#failure())
    this.#onBroken()
  }

  /** In AWS's words: what the extension said before it ended tells more than how it ended. */
  #faultOf({ name, state }: Extension, status: number): ExtensionFault {
    const { exitCode, signal } = endOfStatus(status)
    if (state.kind === 'STARTED' && status === 126)
      return this.#launchError(name, 'permission denied', 'PermissionDenied')
    if (state.kind === 'STARTED' && status === 127)
      return this.#launchError(name, 'no such file or directory', 'UnknownError')
    const errorType =
      state.kind === 'INIT_ERROR'
        ? 'Extension.InitError'
        : state.kind === 'EXIT_ERROR'
          ? 'Extension.ExitError'
          : 'Extension.Crash'
    return { errorType, reason: signal === null ? `exit code ${exitCode}` : `signal ${signal}` }
  }

  #runtimeEnded(end: SandboxEnd): void {
    if (this.#runtimeEnd !== null && !this.#isGone) return
    this.#runtimeEnd ??= end
    this.#resolveRuntimeEnd(this.#runtimeEnd)
    this.#registry.stop()
    this.#onBroken()
  }

  #unlessBroken(work: Promise<RuntimeAnswer>): Promise<RuntimeAnswer> {
    return new Promise((resolve) => {
      this.#interrupt = resolve
      void work.then((answer) => {
        this.#interrupt = null
        resolve(answer)
      })
      if (this.#registry.fault !== null) resolve(this.#failure())
    })
  }

  /** Why it could not go on. */
  #failure(): RuntimeAnswer {
    const { fault } = this.#registry
    if (fault !== null) return { kind: 'EXTENSION_FAILED', ...fault }
    return this.#runtimeEnd === null ? { kind: 'TIMED_OUT' } : { kind: 'ENDED', end: this.#runtimeEnd }
  }
}

/** How long a runtime has to end by itself, in milliseconds: https://github.com/aws-samples/graceful-shutdown-with-aws-lambda */
function runtimeGraceMs(extensions: readonly Extension[]): number {
  if (extensions.some(({ isExternal }) => !isExternal)) return INTERNAL_SHUTDOWN_MS
  return extensions.length > 0 ? RUNTIME_SHUTDOWN_MS : 0
}

/** Whether it waits for the next event, with none that it has not had. */
function isIdle({ state, pending }: Extension): boolean {
  return state.kind === 'READY' && pending === null
}

/** Whether it was promised time to end. */
function isAwaited({ isExternal, events, state }: Extension): boolean {
  return (
    isExternal &&
    events.includes('SHUTDOWN') &&
    (state.kind === 'READY' || state.kind === 'RUNNING' || state.kind === 'REGISTERED')
  )
}

/** Milliseconds that are left of so many. */
function countdown(limitMs: number): () => number {
  const end = performance.now() + limitMs
  return () => Math.max(0, end - performance.now())
}
