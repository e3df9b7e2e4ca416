import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EnvironmentRequest } from '../../../src/environments/contract.ts'
import { ResponseStream } from '../../../src/environments/responseStream.ts'
import { RuntimeApiServer } from '../../../src/environments/runtimeApi/runtimeApiServer.ts'
import type { RuntimeAnswer } from '../../../src/environments/runtimeChannel.ts'
import { recordingSink } from '../../kit/recordingSink.ts'

const MIB = 1024 * 1024
const LARGEST_RESULT_BYTES = 6 * 1024 * 1024 + 100
const EVENT: EnvironmentRequest = {
  requestId: 'request-1',
  payload: '{"ü": 1}',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:100000000001:function:tested',
  clientContext: '{"custom":{"ü":"€\\n"}}',
  traceId: 'Root=1-0',
  billingStepMs: 100,
}

let server: RuntimeApiServer
let port: number
let readyCount: number
let told: Array<RuntimeAnswer | string>
const agent = new Agent({ keepAlive: true })

beforeEach(async () => {
  const socket = createServer().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  port = (socket.address() as AddressInfo).port
  readyCount = 0
  told = []
  server = new RuntimeApiServer(socket, {
    onReady: () => {
      readyCount += 1
    },
    onInitError: (payload) => void told.push(payload),
    onAnswer: (answer) => void told.push(answer),
  })
})
afterEach(() => server.close())

interface Sent {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A request as a client sends it; `trailers` come behind a body in chunks. */
async function send(
  method: string,
  path: string,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
  trailers: Record<string, string> | null = null,
): Promise<Sent> {
  const call = request({ host: '127.0.0.1', port, method, path: `/2018-06-01/runtime/${path}`, headers, agent })
  if (trailers !== null) call.addTrailers(trailers)
  call.end(body)
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }
}

/** Asks for the next event and gives it, once the request has arrived. */
async function take(stream: ResponseStream | null = null): Promise<Sent> {
  const next = send('GET', 'invocation/next')
  await expect.poll(() => server.isReady, { interval: 1 }).toBe(true)
  server.dispatch(EVENT, 1_700_000_000_000, stream)
  return next
}

describe('the next event', () => {
  it('comes with status 200, the bytes of the payload and the headers of AWS', async () => {
    const { status, headers, body } = await take()
    expect({ status, body }).toEqual({ status: 200, body: '{"ü": 1}' })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': 'request-1',
      'lambda-runtime-deadline-ms': '1700000000000',
      'lambda-runtime-invoked-function-arn': EVENT.invokedFunctionArn,
      'lambda-runtime-trace-id': 'Root=1-0',
    })
    expect(JSON.parse(headers['lambda-runtime-client-context'] as string)).toEqual({ custom: { ü: '€\n' } })
  })

  it('cannot be had while one is being handled', async () => {
    await take()
    const { status, body } = await send('GET', 'invocation/next')
    expect({ status, body: JSON.parse(body) }).toEqual({
      status: 403,
      body: {
        errorMessage:
          'State transition from Running to Ready failed for runtime. Error: State transition is not allowed',
        errorType: 'InvalidStateTransition',
      },
    })
  })

  it('goes to the connection that asked last', async () => {
    const first = send('GET', 'invocation/next').catch(() => 'gone')
    await expect.poll(() => readyCount, { interval: 1 }).toBe(1)
    const second = send('GET', 'invocation/next')
    await expect.poll(() => readyCount, { interval: 1 }).toBe(2)
    server.dispatch(EVENT, 0)
    expect(await first).toBe('gone')
    expect((await second).status).toBe(200)
  })
})

describe('an answer', () => {
  it('is taken with status 202', async () => {
    await take()
    const { status, body } = await send('POST', 'invocation/request-1/response', '{"a":1}')
    expect({ status, body: JSON.parse(body) }).toEqual({ status: 202, body: { status: 'OK' } })
    expect(told).toEqual([{ kind: 'RESULT', payload: '{"a":1}' }])
  })

  it('that is no JSON is a text, and nothing is null', async () => {
    await take()
    await send('POST', 'invocation/request-1/response', 'plain "text"', { 'content-type': 'application/octet-stream' })
    await take()
    await send('POST', 'invocation/request-1/response')
    expect(told).toEqual([
      { kind: 'RESULT', payload: '"plain \\"text\\""' },
      { kind: 'RESULT', payload: 'null' },
    ])
  })

  it('of an error has its body as it is, with any headers', async () => {
    await take()
    const error = '{"errorMessage":"no","errorType":"Error","trace":[]}'
    const { status } = await send('POST', 'invocation/request-1/error', error, {
      'lambda-runtime-function-xray-error-cause': 'x'.repeat(1024 * 1024),
    })
    expect(status).toBe(202)
    expect(told).toEqual([{ kind: 'ERROR', failure: 'HANDLER_ERROR', payload: error, isLast: false }])
  })

  it.each([
    ['Function.Bad', 'Function.Bad'],
    ['unhandled', 'Runtime.Unknown'],
  ])('of an error that is no JSON takes its type %s from the header', async (header, errorType) => {
    await take()
    await send('POST', 'invocation/request-1/error', 'what went wrong', {
      'lambda-runtime-function-error-type': header,
    })
    expect(told).toEqual([
      expect.objectContaining({ payload: JSON.stringify({ errorType, errorMessage: 'what went wrong' }) }),
    ])
  })

  it('may come in chunks whose trailers say that it broke: 202, and an error', async () => {
    await take()
    const error = '{"errorType":"Error","errorMessage":"in the middle"}'
    const { status } = await send(
      'POST',
      'invocation/request-1/response',
      'partial',
      {
        'transfer-encoding': 'chunked',
        'lambda-runtime-function-response-mode': 'streaming',
        trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
      },
      {
        'Lambda-Runtime-Function-Error-Type': 'Error',
        'Lambda-Runtime-Function-Error-Body': Buffer.from(error).toString('base64'),
      },
    )
    expect(status).toBe(202)
    expect(told).toEqual([{ kind: 'ERROR', failure: 'HANDLER_ERROR', payload: error, isLast: false }])
  })

  it('may have 6 MiB and 100 bytes, and not one more: 413 (recorded fact 88)', async () => {
    await take()
    const largest = Buffer.alloc(LARGEST_RESULT_BYTES, '1')
    expect((await send('POST', 'invocation/request-1/response', largest)).status).toBe(202)
    await take()
    const { status, body } = await send('POST', 'invocation/request-1/response', Buffer.concat([largest, largest]))
    expect({ status, body: JSON.parse(body) }).toEqual({
      status: 413,
      body: {
        errorMessage: 'Exceeded maximum allowed payload size (6291556 bytes).',
        errorType: 'RequestEntityTooLarge',
      },
    })
    expect(told[1]).toEqual({
      kind: 'ERROR',
      failure: 'RESPONSE_TOO_LARGE',
      isLast: false,
      payload: JSON.stringify({
        errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
        errorType: 'Function.ResponseSizeTooLarge',
      }),
    })
    expect((await take()).status).toBe(200)
  })

  it('to another request is refused with 400, and the event goes on', async () => {
    await take()
    const { status, body } = await send('POST', 'invocation/request-2/response', '1')
    expect({ status, body: JSON.parse(body) }).toEqual({
      status: 400,
      body: { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' },
    })
    expect((await send('POST', 'invocation/request-1/response', '1')).status).toBe(202)
  })

  it.each(['response', 'error'])('a second time is refused with 403: %s', async (kind) => {
    await take()
    await send('POST', 'invocation/request-1/response', '1')
    expect((await send('POST', `invocation/request-1/${kind}`, '2')).status).toBe(403)
    expect(told).toEqual([{ kind: 'RESULT', payload: '1' }])
  })

  it('whose connection breaks is none', async () => {
    await take()
    const call = request({
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/2018-06-01/runtime/invocation/request-1/response',
      headers: { 'content-length': '10' },
    })
    call.on('error', () => undefined)
    call.write('12345')
    await new Promise((resolve) => setTimeout(resolve, 20))
    call.destroy()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(told).toEqual([])
  })
})

describe('a response that somebody takes while it comes', () => {
  const PATH = '/2018-06-01/runtime/invocation/request-1/response'
  const post = () => request({ host: '127.0.0.1', port, method: 'POST', path: PATH, agent })

  it('is handed on piece by piece, as it is, whether its runtime calls it streamed or not', async () => {
    const sink = recordingSink()
    await take(new ResponseStream(sink))
    const call = post()
    call.write('no ')
    await expect.poll(sink.text, { interval: 1 }).toBe('no ')
    expect(told).toEqual([])
    call.end('JSON')
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    expect(response.resume().statusCode).toBe(202)
    expect(sink.text()).toBe('no JSON')
    expect(told).toEqual([{ kind: 'RESULT', payload: 'null', streamedBytes: 7 }])
    // Another event's is read whole again.
    await take()
    await send('POST', 'invocation/request-1/response', '1')
    expect(told[1]).toEqual({ kind: 'RESULT', payload: '1' })
  })

  it('has begun where there is nothing in it', async () => {
    const sink = recordingSink()
    await take(new ResponseStream(sink))
    await send('POST', 'invocation/request-1/response')
    expect({ hasBegun: sink.hasBegun, told }).toEqual({
      hasBegun: true,
      told: [{ kind: 'RESULT', payload: 'null', streamedBytes: 0 }],
    })
  })

  it('that breaks in the middle is an error behind what has been handed on', async () => {
    const sink = recordingSink()
    await take(new ResponseStream(sink))
    const error = '{"errorType":"Error","errorMessage":"in the middle"}'
    const headers = { trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body' }
    await send(
      'POST',
      'invocation/request-1/response',
      'partial',
      { 'transfer-encoding': 'chunked', ...headers },
      {
        'Lambda-Runtime-Function-Error-Type': 'Error',
        'Lambda-Runtime-Function-Error-Body': Buffer.from(error).toString('base64'),
      },
    )
    expect(sink.text()).toBe('partial')
    expect(told).toEqual([{ kind: 'ERROR', failure: 'HANDLER_ERROR', payload: error, isLast: false }])
  })

  it('is read no faster than it is taken', async () => {
    const sink = recordingSink()
    const release = sink.hold()
    await take(new ResponseStream(sink))
    const call = post()
    call.end(Buffer.alloc(16 * MIB))
    await expect.poll(() => sink.lengthBytes, { interval: 1 }).toBeGreaterThan(400 * 1024)
    // Other requests are served meanwhile; what could be read besides has been, by then.
    for (let n = 0; n < 20; n += 1) await send('GET', 'invocation/next')
    expect(sink.lengthBytes).toBeLessThan(MIB)
    release()
    await once(call, 'response')
    expect(sink.lengthBytes).toBe(16 * MIB)
  })

  it('may have 200 MiB, and not one byte more: 413', async () => {
    const sink = recordingSink()
    await take(new ResponseStream(sink))
    const { status } = await send('POST', 'invocation/request-1/response', Buffer.alloc(200 * MIB + 1))
    expect(status).toBe(413)
    expect(sink.lengthBytes).toBeLessThanOrEqual(200 * MIB)
    expect(told).toEqual([expect.objectContaining({ failure: 'RESPONSE_TOO_LARGE' })])
  })
})

describe('an init error', () => {
  it('is taken before the first event is asked for, and only then', async () => {
    const early = await send('POST', 'init/error', '{"errorType":"E"}')
    const again = await send('POST', 'init/error', '{}')
    const next = await send('GET', 'invocation/next')
    expect([early, again, next].map(({ status }) => status)).toEqual([202, 403, 403])
    expect(told).toEqual(['{"errorType":"E"}'])
  })
})

it.each([
  ['GET', 'invocation/request-1/response'],
  ['POST', 'invocation/next'],
  ['GET', '../../etc/passwd'],
])('%s %s is not there', async (method, path) => {
  expect(await send(method, path)).toMatchObject({ status: 404, body: '404 page not found\n' })
})
