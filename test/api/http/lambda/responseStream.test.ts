import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamCommandInput,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ResponseEvents } from '../../../../src/api/http/lambda/responseEvents.ts'
import { type GraphqlClient, graphqlClient } from '../../../kit/graphqlClient.ts'
import { createNodeFunction } from '../../../kit/invocationDocuments.ts'
import { lambdaClient } from '../../../kit/lambdaClient.ts'
import { temporaryFolder } from '../../../kit/temporaryFolder.ts'
import { startTestService, type TestService } from '../../../kit/testService.ts'

const MIB = 1024 * 1024

let service: TestService
let graphql: GraphqlClient
let aws: LambdaClient

const STREAMS = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('half, ')
  if (event.fail) throw new TypeError('in the middle')
  for (let n = 0; n < (event.mebibytes ?? 0); n++) {
    if (!stream.write(Buffer.alloc(1024 * 1024))) await new Promise((go) => stream.once('drain', go))
  }
  console.log('all written')
  stream.end('whole')
})`

beforeAll(async () => {
  service = await startTestService()
  graphql = graphqlClient(service.url, service.token)
  aws = lambdaClient(service.url, service.token)
  await createNodeFunction(graphql, 'streams', STREAMS, { timeoutSeconds: 30 })
  await createNodeFunction(
    graphql,
    'plain',
    'export const handler = async (event) => { if (event.fail) throw Error(); return { event } }',
  )
})
afterAll(async () => {
  aws.destroy()
  await graphql.close()
  await service[Symbol.asyncDispose]()
})

/** Starts a streamed invocation; its events can be taken once. */
async function start(input: Partial<InvokeWithResponseStreamCommandInput>, client = aws) {
  const answer = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'streams', ...input }))
  return { ...answer, events: answer.EventStream![Symbol.asyncIterator](), requestId: answer.$metadata.requestId! }
}

async function collect({ events }: Awaited<ReturnType<typeof start>>) {
  const chunks: string[] = []
  for (;;) {
    const { value } = await events.next()
    if (value?.PayloadChunk) chunks.push(Buffer.from(value.PayloadChunk.Payload!).toString('utf8'))
    else return { chunks, complete: value?.InvokeComplete, isAtEnd: (await events.next()).done }
  }
}

async function invocation(id: string) {
  const document = `query ($id: String!) { invocation(requestId: $id) {
    status result functionError attempts { outcome billedDurationMs cost }
  } }`
  return (await graphql.query(document, { id })).data.invocation
}

describe("InvokeWithResponseStream, called by AWS's SDK", () => {
  it('gives the pieces that the function wrote, and says that they are all', async () => {
    const started = await start({ LogType: 'Tail' })
    expect(started).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' })
    const { chunks, complete, isAtEnd } = await collect(started)
    expect(chunks.join('')).toBe('half, whole')
    expect(complete).toEqual({ LogResult: expect.any(String) })
    expect(Buffer.from(complete!.LogResult!, 'base64').toString('utf8')).toContain('all written')
    expect(isAtEnd).toBe(true)
  })

  it('is billed and recorded as any invocation, and nothing of its response is kept', async () => {
    const started = await start({})
    await collect(started)
    expect(await invocation(started.requestId)).toEqual({
      status: 'SUCCEEDED',
      result: null,
      functionError: null,
      attempts: [
        { outcome: 'SUCCEEDED', billedDurationMs: expect.any(Number), cost: expect.stringMatching(/^0\.0000/) },
      ],
    })
  })

  it('says behind what has been written how the function failed', async () => {
    const started = await start({ Payload: '{"fail":true}' })
    const { chunks, complete } = await collect(started)
    expect(chunks).toEqual(['half, '])
    expect(complete?.ErrorCode).toBe('Unhandled')
    expect(JSON.parse(complete!.ErrorDetails!)).toMatchObject({ errorType: 'TypeError', errorMessage: 'in the middle' })
    expect(await invocation(started.requestId)).toMatchObject({ status: 'FAILED', functionError: 'Unhandled' })
  })

  it('gives the result of a function that does not stream, or its error', async () => {
    const { chunks, complete } = await collect(await start({ FunctionName: 'plain', Payload: '{"a":1}' }))
    expect({ chunks, complete }).toEqual({ chunks: ['{"event":{"a":1}}'], complete: {} })
    const failed = await collect(await start({ FunctionName: 'plain', Payload: '{"fail":1}' }))
    expect(failed).toMatchObject({ chunks: [], complete: { ErrorCode: 'Unhandled' } })
  })

  it('collects for an ordinary invocation what a function streams', async () => {
    const { Payload } = await aws.send(new InvokeCommand({ FunctionName: 'streams' }))
    expect(Payload!.transformToString()).toBe('"half, whole"')
  })

  it('refuses as Invoke does, before anything is sent', async () => {
    await createNodeFunction(graphql, 'closed', STREAMS)
    await graphql.query(`mutation {
      putFunctionConcurrency(input: { functionName: "closed", reservedConcurrentExecutions: 0 }) { userErrors { code } }
    }`)
    await expect(start({ FunctionName: 'closed' })).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    })
    await expect(start({ FunctionName: 'nobody' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    await expect(start({ InvocationType: 'Event' as 'DryRun' })).rejects.toMatchObject({ name: 'ValidationException' })
    const stranger = lambdaClient(service.url, `lql_${'x'.repeat(43)}`)
    await expect(start({}, stranger)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
    stranger.destroy()
  })

  it('answers a dry run with 204', async () => {
    const response = await post('{}', { 'x-amz-invocation-type': 'DryRun' })
    expect(response.statusCode).toBe(204)
    response.resume()
  })
})

function send(functionName: string, body: string, headers: Record<string, string> = {}): ClientRequest {
  const call = request(`${service.url}/2021-11-15/functions/${functionName}/response-streaming-invocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${service.token}`, ...headers },
  })
  // Who goes away hears of it himself.
  call.on('error', () => undefined)
  return call.end(body)
}

/** Starts a streamed invocation and gives its response when its head has come, unread. */
async function post(body: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const call = send('streams', body, headers)
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  response.on('error', () => undefined)
  return response
}

async function lengthOf(response: IncomingMessage): Promise<number> {
  let lengthBytes = 0
  for await (const chunk of response) lengthBytes += (chunk as Buffer).length
  return lengthBytes
}

describe('a caller', () => {
  it('who reads slowly makes the function wait, and nobody else', async () => {
    // More than what lies between the two can hold.
    const slow = await post('{"mebibytes":32}')
    const slowId = slow.headers['x-amzn-requestid'] as string
    const fast = await post('{"mebibytes":32}')
    expect(await lengthOf(fast)).toBeGreaterThan(32 * MIB)
    expect(await invocation(slowId)).toBeNull()
    expect(await lengthOf(slow)).toBeGreaterThan(32 * MIB)
    expect(await invocation(slowId)).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('who goes away does not end the function: the rest of its response is dropped', async () => {
    const response = await post('{"mebibytes":32}')
    const requestId = response.headers['x-amzn-requestid'] as string
    response.destroy()
    await expect.poll(async () => (await invocation(requestId))?.status, { timeout: 10_000 }).toBe('SUCCEEDED')
    expect((await collect(await start({}))).chunks.join('')).toBe('half, whole')
  })

  it('who goes away before anything was written does not, either', async () => {
    await createNodeFunction(
      graphql,
      'late',
      `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  console.log('begun')
  await new Promise((go) => setTimeout(go, 100))
  stream.end(Buffer.alloc(8 * 1024 * 1024))
})`,
      { timeoutSeconds: 20 },
    )
    const document = 'subscription { logTail(functionName: "late", after: "") { message requestId } }'
    const call = send('late', '{}')
    for await (const { data } of graphql.subscribe(document)) {
      const { message, requestId } = data.logTail
      if (message.endsWith('begun')) call.destroy()
      if (!message.startsWith('REPORT')) continue
      await expect.poll(async () => (await invocation(requestId))?.status).toBe('SUCCEEDED')
      break
    }
  })
})

it('a platform that fails in the middle is an exception for the caller, behind what had been written', async () => {
  const server = fastify()
  server.addContentTypeParser('*', (_request, _body, done) => done(null))
  server.post('*', async (_request, reply) => {
    const events = new ResponseEvents(reply).of({ requestId: 'named', versionNumber: 3 })
    events.begin()
    events.write(Buffer.from('half'))
    events.fail()
    return reply
  })
  const client = lambdaClient(await server.listen({ host: '127.0.0.1', port: 0 }), 'any')
  const started = await start({}, client)
  expect(started).toMatchObject({ ExecutedVersion: '3', requestId: 'named' })
  const { value } = await started.events.next()
  expect(Buffer.from(value!.PayloadChunk!.Payload!).toString('utf8')).toBe('half')
  await expect(started.events.next()).rejects.toMatchObject({ name: 'ServiceException' })
  client.destroy()
  await server.close()
})

it('a piece reaches the caller while the function still runs, which waits for what the caller does then', async () => {
  // Without isolation, for function and test to have a file in common.
  await using unisolated = await startTestService({ config: { driver: 'process' } })
  using folder = temporaryFolder()
  const gate = join(folder.path, 'gate')
  execFileSync('mkfifo', [gate])
  const client = graphqlClient(unisolated.url, unisolated.token)
  const sdk = lambdaClient(unisolated.url, unisolated.token)
  await createNodeFunction(
    client,
    'waits',
    `import { readFile } from 'node:fs/promises'
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('first')
  stream.end(await readFile(event.gate))
})`,
    { timeoutSeconds: 20 },
  )
  const started = await start({ FunctionName: 'waits', Payload: JSON.stringify({ gate }) }, sdk)
  const { value } = await started.events.next()
  expect(Buffer.from(value!.PayloadChunk!.Payload!).toString('utf8')).toBe('first')
  await writeFile(gate, 'second')
  expect((await collect(started)).chunks).toEqual(['second'])
  sdk.destroy()
  await client.close()
})
