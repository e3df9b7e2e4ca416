import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as Socket } from 'node:net'
import {
  type RuntimeApiState,
  type RuntimeApiStep,
  refusedTransitionText,
  runtimeApiTransition,
  STARTED,
} from '../../model/runtimeApiState.ts'
import type { EnvironmentRequest } from '../contract.ts'
import { LARGEST_RESULT_BYTES } from '../protocol/messages.ts'
import type { ResponseStream } from '../responseStream.ts'
import type { EventAnswer } from '../runtimeChannel.ts'
import { errorText, readBody, responseTooLarge, resultText, streamError } from './answerBody.ts'
import { type ApiRoutes, closeApiServer, createApiServer } from './apiServer.ts'
import { sendJson } from './sendJson.ts'
import { streamBody } from './streamBody.ts'

/** What a server of the Runtime API tells the service. */
export interface RuntimeApiListener {
  /** The runtime waits for an event: the first time, its code is loaded. */
  onReady(): void
  onInitError(payload: string): void
  /** It answered the present event; it is `READY` again only when it asks for the next. */
  onAnswer(answer: EventAnswer): void
}

/**
 * AWS's Runtime API (version 2018-06-01) for one environment, on a socket that only this environment reaches. It never
 * throws for what a runtime sends; each wrong request has AWS's status and words.
 */
export class RuntimeApiServer {
  readonly #listener: RuntimeApiListener
  readonly #server: Server
  #state: RuntimeApiState = STARTED
  /** The connection on which the runtime waits. */
  #waiting: ServerResponse | null = null
  /** Where the response of the present event goes as it comes; null where it is read whole. */
  #stream: ResponseStream | null = null

  /** Takes the socket over; other APIs on it have routes of their own. */
  constructor(socket: Socket, listener: RuntimeApiListener, routes: readonly ApiRoutes[] = []) {
    this.#listener = listener
    this.#server = createApiServer(socket, [(request, response) => this.#serve(request, response), ...routes])
  }

  /** Whether an event would be taken at once. */
  get isReady(): boolean {
    return this.#state.kind === 'READY' && this.#waiting !== null
  }

  /** Gives the runtime an event. It must be ready. What it responds goes to the stream as it comes, where there is one. */
  dispatch(request: EnvironmentRequest, deadlineMs: number, stream: ResponseStream | null = null): void {
    const { requestId, invokedFunctionArn, traceId, clientContext, payload } = request
    const response = this.#waiting
    if (response === null || this.#move({ kind: 'DISPATCH', requestId }) !== 'MOVED') {
      throw new RangeError('the runtime does not wait for an event')
    }
    this.#waiting = null
    this.#stream = stream
    const body = Buffer.from(payload, 'utf8')
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': body.length,
      'Lambda-Runtime-Aws-Request-Id': requestId,
      'Lambda-Runtime-Deadline-Ms': String(deadlineMs),
      'Lambda-Runtime-Invoked-Function-Arn': invokedFunctionArn,
      'Lambda-Runtime-Trace-Id': traceId,
      ...(clientContext === null ? {} : { 'Lambda-Runtime-Client-Context': headerText(clientContext) }),
    })
    response.end(body)
  }

  /** Ends all connections. */
  close(): void {
    closeApiServer(this.#server)
  }

  #serve(request: IncomingMessage, response: ServerResponse): boolean {
    const route = routeOf(request)
    switch (route.kind) {
      case 'NEXT':
        this.#next(response)
        return true
      case 'RESPONSE':
      case 'ERROR':
        void this.#answer(route, request, response)
        return true
      case 'INIT_ERROR':
        void this.#initError(request, response)
        return true
      case 'UNKNOWN':
        return false
    }
  }

  #next(response: ServerResponse): void {
    if (this.#move({ kind: 'NEXT' }) !== 'MOVED') {
      refuse(response, refusedTransitionText(this.#state, 'NEXT'))
      return
    }
    this.#waiting?.destroy()
    this.#waiting = response
    response.once('close', () => {
      if (this.#waiting === response) this.#waiting = null
    })
    this.#listener.onReady()
  }

  async #answer(
    step: { readonly kind: 'RESPONSE' | 'ERROR'; readonly requestId: string },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const moved = this.#move(step)
    if (moved !== 'MOVED') {
      request.resume()
      if (moved === 'NOT_ALLOWED') return refuse(response, refusedTransitionText(this.#state, step.kind))
      return sendJson(response, 400, { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' })
    }
    const stream = step.kind === 'RESPONSE' ? this.#stream : null
    const body = await (stream === null ? readBody(request) : streamBody(request, stream))
    // Half an answer is none: the runtime's end, or the event's, will say what became of it.
    if (body.kind === 'BROKEN') return
    this.#move({ kind: 'ANSWERED' })
    if (body.kind === 'TOO_LARGE') {
      const limitBytes = stream?.limitBytes ?? LARGEST_RESULT_BYTES
      sendJson(response, 413, {
        errorMessage: `Exceeded maximum allowed payload size (${limitBytes} bytes).`,
        errorType: 'RequestEntityTooLarge',
      })
      return this.#listener.onAnswer(responseTooLarge(limitBytes))
    }
    sendJson(response, 202, { status: 'OK' })
    const bytes = body.kind === 'READ' ? body.bytes : Buffer.alloc(0)
    this.#listener.onAnswer(
      step.kind === 'RESPONSE'
        ? (streamError(request) ?? stream?.end() ?? { kind: 'RESULT', payload: resultText(bytes) })
        : {
            kind: 'ERROR',
            failure: 'HANDLER_ERROR',
            payload: errorText(bytes, errorTypeOf(request)),
            isLast: false,
          },
    )
  }

  async #initError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const before = this.#state
    if (this.#move({ kind: 'INIT_ERROR' }) !== 'MOVED') {
      request.resume()
      return refuse(response, refusedTransitionText(before, 'INIT_ERROR'))
    }
    const body = await readBody(request)
    sendJson(response, 202, { status: 'OK' })
    const bytes = body.kind === 'READ' ? body.bytes : Buffer.alloc(0)
    this.#listener.onInitError(errorText(bytes, errorTypeOf(request)))
  }

  #move(step: RuntimeApiStep): 'MOVED' | 'NOT_ALLOWED' | 'WRONG_REQUEST' {
    const transition = runtimeApiTransition(this.#state, step)
    if (transition.kind === 'MOVED') this.#state = transition.state
    return transition.kind
  }
}

type Route =
  | { readonly kind: 'NEXT' }
  | { readonly kind: 'RESPONSE' | 'ERROR'; readonly requestId: string }
  | { readonly kind: 'INIT_ERROR' }
  | { readonly kind: 'UNKNOWN' }

function routeOf({ method, url = '' }: IncomingMessage): Route {
  const path = url.replace(/\?.*$/, '')
  if (method === 'GET' && path === '/2018-06-01/runtime/invocation/next') return { kind: 'NEXT' }
  if (method !== 'POST') return { kind: 'UNKNOWN' }
  if (path === '/2018-06-01/runtime/init/error') return { kind: 'INIT_ERROR' }
  const match = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path)
  if (match === null) return { kind: 'UNKNOWN' }
  return { kind: match[2] === 'response' ? 'RESPONSE' : 'ERROR', requestId: match[1]! }
}

function errorTypeOf({ headers }: IncomingMessage): string | undefined {
  const value = headers['lambda-runtime-function-error-type']
  return typeof value === 'string' ? value : value?.[0]
}

/** JSON in a header has to be ASCII. */
function headerText(json: string): string {
  return json
    .replaceAll(/[\r\n]/g, ' ')
    .replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function refuse(response: ServerResponse, errorMessage: string): void {
  sendJson(response, 403, { errorMessage, errorType: 'InvalidStateTransition' })
}
