import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue, eventsUntilDone, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  service = await startTestService()
  client = graphqlClient(service.url, service.token)
  await createNodeFunction(
    client,
    'echo',
    'export const handler = async (event) => { console.log("got", event); return event }',
  )
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

describe('a synchronous invocation', () => {
  it('answers with the result, the version that ran, and what is recorded of it', async () => {
    expect(await invoke(client, { functionName: 'echo', payload: { a: [1, null, 'ü'] } })).toEqual({
      statusCode: 200,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      executedVersion: '$LATEST',
      functionError: null,
      payload: { a: [1, null, 'ü'] },
      payloadText: '{"a":[1,null,"ü"]}',
      logTail: null,
      invocation: {
        status: 'SUCCEEDED',
        type: 'REQUEST_RESPONSE',
        qualifier: null,
        executedVersion: '$LATEST',
        functionError: null,
      },
      userErrors: [],
    })
  })

  it('gives the function an empty object where no payload was given', async () => {
    expect((await invoke(client, { functionName: 'echo' })).payload).toEqual({})
  })

  it('gives the function null where null was given', async () => {
    expect((await invoke(client, { functionName: 'echo', payload: null })).payload).toBeNull()
  })

  it('passes the text of a payload on byte for byte, with numbers that JavaScript cannot hold', async () => {
    await createNodeFunction(client, 'raw', 'export const handler = async (event) => String(event.id)')
    const answer = await invoke(client, { functionName: 'raw', payloadText: '{ "id": 12345678901234567890 }' })
    expect(answer.payload).toBe('12345678901234567000')
  })

  it('answers with the log of the attempt between START and REPORT when it is asked for', async () => {
    const { logTail, requestId } = await invoke(client, { functionName: 'echo', payload: 1, logTail: true })
    const lines = logTail.split('\n')
    expect(lines[0]).toBe(`START RequestId: ${requestId} Version: $LATEST`)
    expect(lines[1]).toMatch(new RegExp(`^\\S+Z\\t${requestId}\\tINFO\\tgot 1$`))
    expect(lines[2]).toBe(`END RequestId: ${requestId}`)
    expect(lines[3]).toMatch(
      new RegExp(
        `^REPORT RequestId: ${requestId}\\tDuration: \\d+\\.\\d\\d ms\\tBilled Duration: 100 ms\\tMemory Size: 128 MB\\tMax Memory Used: \\d+ MB\\t`,
      ),
    )
  })

  it('runs a version, an alias, or a qualified name, and says which version ran', async () => {
    await client.query('mutation { publishVersion(input: { functionName: "echo" }) { version { version } } }')
    await client.query(
      'mutation { createAlias(input: { functionName: "echo", name: "live", functionVersion: "1" }) { alias { name } } }',
    )
    for (const input of [
      { functionName: 'echo', qualifier: '1' },
      { functionName: 'echo', qualifier: 'live' },
      { functionName: 'echo:live' },
      { functionName: 'arn:aws:lambda:us-east-1:100000000001:function:echo:1' },
    ]) {
      expect((await invoke(client, input)).executedVersion).toBe('1')
    }
    expect((await invoke(client, { functionName: 'echo', qualifier: '$LATEST' })).executedVersion).toBe('$LATEST')
  })

  it('hands the client context and the ARN as it was invoked to the function', async () => {
    const code =
      'export const handler = async (_, { clientContext, invokedFunctionArn }) => ({ clientContext, invokedFunctionArn })'
    await createNodeFunction(client, 'context', code)
    const clientContext = { custom: { a: 1 }, client: {}, env: {} }
    expect((await invoke(client, { functionName: 'context', clientContext })).payload).toEqual({
      clientContext,
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:100000000001:function:context',
    })
  })
})

describe('a fault of the function is an outcome, not an error', () => {
  const cases: readonly [string, string, Record<string, unknown>, unknown][] = [
    [
      'an exception',
      'export const handler = async () => { throw new TypeError("no luck") }',
      {},
      { errorType: 'TypeError', errorMessage: 'no luck', trace: expect.any(Array) },
    ],
    [
      'a timeout',
      'export const handler = () => new Promise(() => setTimeout(() => {}, 60_000))',
      { timeoutSeconds: 1 },
      {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/),
      },
    ],
    [
      'a crash',
      'export const handler = async () => process.exit(7)',
      {},
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited with error: exit status 7$/),
      },
    ],
    [
      'a result that is no JSON',
      'export const handler = async () => 1n',
      {},
      {
        errorType: 'Runtime.UnableToStringify',
        errorMessage: expect.stringContaining('BigInt'),
        trace: expect.any(Array),
      },
    ],
    [
      'a module that does not load',
      'import "nowhere"',
      {},
      {
        errorType: 'Error',
        errorMessage: expect.stringContaining('nowhere'),
        trace: expect.any(Array),
      },
    ],
  ]

  it.each(cases)('%s', async (name, code, changes, payload) => {
    const functionName = name.replaceAll(' ', '-')
    await createNodeFunction(client, functionName, code, changes)
    expect(await invoke(client, { functionName })).toMatchObject({
      statusCode: 200,
      functionError: 'Unhandled',
      executedVersion: '$LATEST',
      payload,
      invocation: { status: 'FAILED', functionError: 'Unhandled' },
      userErrors: [],
    })
  })
})

describe('a bad request is a user error with AWS’s words', () => {
  const big = (bytes: number) => 'x'.repeat(bytes - 2)
  it.each([
    [
      { functionName: 'nobody' },
      'RESOURCE_NOT_FOUND',
      'Function not found: arn:aws:lambda:us-east-1:100000000001:function:nobody:$LATEST',
    ],
    [
      { functionName: 'echo', qualifier: 'nope' },
      'RESOURCE_NOT_FOUND',
      'Function not found: arn:aws:lambda:us-east-1:100000000001:function:echo:nope',
    ],
    [
      { functionName: 'echo', payloadText: '{' },
      'INVALID_REQUEST_CONTENT',
      expect.stringMatching(/^Could not parse request body into json: /),
    ],
    [
      { functionName: 'echo', payload: 1, payloadText: '1' },
      'INVALID_PARAMETER_VALUE',
      'Give either payload or payloadText, not both.',
    ],
    [
      { functionName: 'echo', clientContext: [] },
      'INVALID_REQUEST_CONTENT',
      'The client context must be a JSON object.',
    ],
    [
      { functionName: 'echo', payload: big(6_291_457) },
      'REQUEST_TOO_LARGE',
      '6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)',
    ],
    [
      { functionName: 'echo', type: 'EVENT', payload: big(1_048_577) },
      'REQUEST_TOO_LARGE',
      '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
    ],
  ])('%#', async (input, code, message) => {
    const answer = await invoke(client, input)
    expect(answer.userErrors).toMatchObject([{ code, message }])
    expect(answer).toMatchObject({ statusCode: null, requestId: null, payload: null, invocation: null })
  })

  it('takes events up to exactly their limits', async () => {
    await createNodeFunction(client, 'size', 'export const handler = async (event) => event.length')
    expect((await invoke(client, { functionName: 'size', payload: big(6_291_456) })).payload).toBe(6_291_454)
    expect((await invoke(client, { functionName: 'size', type: 'EVENT', payload: big(1_048_576) })).statusCode).toBe(
      202,
    )
  })
})

describe('a dry run', () => {
  it('answers 204, runs nothing and records nothing', async () => {
    await createNodeFunction(client, 'dry', 'export const handler = async () => { console.log("ran") }')
    expect(await invoke(client, { functionName: 'dry', type: 'DRY_RUN' })).toMatchObject({
      statusCode: 204,
      requestId: null,
      userErrors: [],
    })
    const { data } = await client.query(
      '{ function(functionName: "dry") { invocations { nodes { requestId } } logEvents { nodes { message } } } }',
    )
    expect(data.function).toEqual({ invocations: { nodes: [] }, logEvents: { nodes: [] } })
  })

  it('says that there is no such function', async () => {
    const { userErrors } = await invoke(client, { functionName: 'nobody', type: 'DRY_RUN' })
    expect(userErrors).toMatchObject([{ code: 'RESOURCE_NOT_FOUND' }])
  })
})

describe('an asynchronous invocation', () => {
  it('is accepted, runs, and its result and cost can be read', async () => {
    const requestId = await enqueue(client, 'echo', { n: 1 })
    expect((await eventsUntilDone(client, requestId)).map(({ type }) => type)).toEqual([
      'QUEUED',
      'STARTED',
      'SUCCEEDED',
    ])
    const { data } = await client.query(
      `query ($id: String!) { invocation(requestId: $id) {
        status payload result functionError executedVersion finishedAt
        attempts { number outcome billedDurationMs cost logStreamName }
        logEvents { nodes { message requestId } } } }`,
      { id: requestId },
    )
    expect(data.invocation).toMatchObject({
      status: 'SUCCEEDED',
      payload: { n: 1 },
      result: { n: 1 },
      functionError: null,
      executedVersion: '$LATEST',
      attempts: [{ number: 1, outcome: 'SUCCEEDED', billedDurationMs: 100, cost: '0.000000208' }],
    })
    expect(data.invocation.logEvents.nodes.length).toBe(4)
    for (const node of data.invocation.logEvents.nodes) expect(node.requestId).toBe(requestId)
  })

  it('whose function was deleted while it waited ends as failed, without a charge', async () => {
    await createNodeFunction(
      client,
      'doomed',
      'export const handler = async () => new Promise(() => setTimeout(() => {}, 60_000))',
      { timeoutSeconds: 1 },
    )
    // The first attempt times out; the function is gone before the second.
    const requestId = await enqueue(client, 'doomed')
    const events = client.subscribe('subscription ($id: String!) { invocationEvents(invocationId: $id) { type } }', {
      id: requestId,
    })
    for await (const { data } of events) if (data.invocationEvents.type === 'RETRY_SCHEDULED') break
    await client.query('mutation { deleteFunction(input: { functionName: "doomed" }) { deletedFunctionArn } }')
    await service.database.pool.query('UPDATE queued_invocation SET due_at = now() WHERE id = $1', [requestId])
    await service.database.pool.query("SELECT pg_notify('lambdaql_wake', '1 queue')")
    expect((await eventsUntilDone(client, requestId)).at(-1)).toMatchObject({ type: 'FAILED' })
    const { data } = await client.query(
      'query ($id: String!) { invocation(requestId: $id) { status function { id } attempts { cost } } }',
      { id: requestId },
    )
    expect(data.invocation).toMatchObject({ status: 'FAILED', function: null })
    expect(data.invocation.attempts).toHaveLength(1)
  })
})
