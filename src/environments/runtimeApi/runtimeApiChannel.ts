import type { Server as Socket } from 'node:net'
import type { EnvironmentRequest } from '../contract.ts'
import type { Sandbox } from '../drivers/contract.ts'
import { ResponseStream } from '../responseStream.ts'
import type { EventAnswer, RuntimeAnswer, RuntimeChannel, RuntimeSetup } from '../runtimeChannel.ts'
import type { ApiRoutes } from './apiServer.ts'
import { RuntimeApiServer } from './runtimeApiServer.ts'
import { shellAssignments } from './shellAssignments.ts'

/**
 * Talks to a runtime that is not the service's own, over AWS's Runtime API. An event is over when the runtime, having
 * answered, asks for the next one: what it wrote to its outputs is then on its way. One that answers and then ends, or
 * does not come back in time, has answered nevertheless.
 */
export class RuntimeApiChannel implements RuntimeChannel {
  readonly #sandbox: Sandbox
  readonly #server: RuntimeApiServer
  #settle: ((answer: RuntimeAnswer) => void) | null = null
  /** What the runtime said to the present event, until it comes back for the next. */
  #answer: EventAnswer | null = null
  /** Waits for the runtime to ask for an event. */
  #whenReady: (() => void) | null = null
  /** The answer to everything that is asked from now on. */
  #last: RuntimeAnswer | null = null

  /** Other APIs of the environment are served on the same socket. */
  constructor(sandbox: Sandbox, socket: Socket, routes: readonly ApiRoutes[] = []) {
    this.#sandbox = sandbox
    this.#server = new RuntimeApiServer(
      socket,
      {
        onReady: () => this.#ready(),
        onInitError: (payload) => this.#finish({ kind: 'INIT_ERROR', payload }),
        onAnswer: (answer) => {
          this.#answer = answer
        },
      },
      routes,
    )
    const complaint = firstLine(sandbox)
    void sandbox.ended.then(async (end) => {
      this.#server.close()
      this.#finish(noBootstrap(await complaint) ?? { kind: 'ENDED', end })
    })
  }

  load({ environment }: RuntimeSetup, limitMs: number): Promise<RuntimeAnswer> {
    return this.#within(limitMs, () => {
      this.#whenReady = () => this.#resolve({ kind: 'READY' })
      this.#sandbox.requests.end(shellAssignments(environment))
    })
  }

  async handle(request: EnvironmentRequest, deadlineMs: number, limitMs: number): Promise<RuntimeAnswer> {
    const { responseSink = null } = request
    const stream = responseSink === null ? null : new ResponseStream(responseSink)
    const answer = await this.#within(limitMs, () => {
      this.#answer = null
      const dispatch = () => this.#server.dispatch(request, deadlineMs, stream)
      if (this.#server.isReady) dispatch()
      // Its connection broke between two events, and it is about to ask again.
      else this.#whenReady = dispatch
    })
    stream?.close()
    return answer
  }

  async #within(limitMs: number, ask: () => void): Promise<RuntimeAnswer> {
    if (this.#last !== null) return this.#last
    let timer: NodeJS.Timeout | undefined
    const answer = await new Promise<RuntimeAnswer>((resolve) => {
      this.#settle = resolve
      timer = setTimeout(() => this.#timeOut(), limitMs)
      ask()
    })
    clearTimeout(timer)
    return answer
  }

  #ready(): void {
    const whenReady = this.#whenReady
    this.#whenReady = null
    if (whenReady !== null) whenReady()
    else if (this.#answer !== null) this.#resolve(this.#answer)
  }

  /** A runtime that has answered but is not done when its time is up ends, and its answer stands. */
  #timeOut(): void {
    const answer = this.#answer
    this.#resolve(answer === null ? { kind: 'TIMED_OUT' } : { ...answer, isLast: true })
  }

  #resolve(answer: RuntimeAnswer): void {
    this.#whenReady = null
    this.#answer = null
    const settle = this.#settle
    this.#settle = null
    settle?.(answer)
  }

  #finish(answer: RuntimeAnswer): void {
    this.#last ??= answer
    this.#resolve(this.#answer ?? this.#last)
  }
}

const LONGEST_COMPLAINT = 4096

/** What the sandbox's start script says before it becomes the bootstrap; empty where it becomes it. */
async function firstLine({ answers }: Sandbox): Promise<string> {
  let text = ''
  try {
    for await (const chunk of answers) if (text.length < LONGEST_COMPLAINT) text += String(chunk)
  } catch {
    // What was read until then counts.
  }
  return text.trimEnd()
}

/** AWS's words for a package without a bootstrap that can be run. */
function noBootstrap(complaint: string): RuntimeAnswer | null {
  const denied = /^DENIED (.+)$/.exec(complaint)?.[1]
  if (denied === undefined && complaint !== 'MISSING') return null
  const reason =
    denied === undefined
      ? `Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]`
      : `fork/exec ${denied}: permission denied`
  return { kind: 'NO_ENTRYPOINT', reason }
}
