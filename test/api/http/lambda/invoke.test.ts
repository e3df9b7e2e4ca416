import { request } from 'node:http'
import { InvokeCommand, type InvokeCommandInput, type LambdaClient } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccessTokens } from '../../../../src/access/tokens.ts'
import { systemClock } from '../../../../src/model/clock.ts'
import { type GraphqlClient, graphqlClient } from '../../../kit/graphqlClient.ts'
import { createNodeFunction, eventsUntilDone } from '../../../kit/invocationDocuments.ts'
import { lambdaClient } from '../../../kit/lambdaClient.ts'
import { startTestService, type TestService } from '../../../kit/testService.ts'

let service: TestService
let graphql: GraphqlClient
let aws: LambdaClient

const ECHO = `export const handler = async (event, context) => {
  if (event.fail) throw new TypeError('as asked')
  console.log('got', event)
  return { event, arn: context.invokedFunctionArn, custom: context.clientContext?.custom }
}`
const ARN = 'arn:aws:lambda:us-east-1:100000000001:function:echo'

beforeAll(async () => {
  service = await startTestService()
  graphql = graphqlClient(service.url, service.token)
  aws = lambdaClient(service.url, service.token)
  await createNodeFunction(graphql, 'echo', ECHO)
  await graphql.query('mutation { publishVersion(input: { functionName: "echo" }) { version { version } } }')
})
afterAll(async () => {
  aws.destroy()
  await graphql.close()
  await service[Symbol.asyncDispose]()
})

async function invoke(input: Partial<InvokeCommandInput>, client = aws) {
  const { $metadata, Payload, ...rest } = await client.send(new InvokeCommand({ FunctionName: 'echo', ...input }))
  const text = Payload == null ? '' : Buffer.from(Payload).toString('utf8')
  return { ...rest, requestId: $metadata.requestId, text, value: text === '' ? undefined : JSON.parse(text) }
}

const PATH = '/2015-03-31/functions/echo/invocations'
const post = (headers: Record<string, string> = {}, body: string | Buffer = '{}', path = PATH) =>
  fetch(`${service.url}${path}`, { method: 'POST', headers, body })
const bearer = () => ({ authorization: `Bearer ${service.token}` })

describe("Invoke, called by AWS's SDK", () => {
  it('answers with the result, the version that ran, and the request id under which it is recorded', async () => {
    const answer = await invoke({ Payload: '{"a": [1, null, "ü"]}' })
    expect(answer).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      value: { event: { a: [1, null, 'ü'] } },
    })
    expect(answer.FunctionError).toBeUndefined()
    expect(answer.LogResult).toBeUndefined()
    const { data } = await graphql.query('query ($id: String!) { invocation(requestId: $id) { status source } }', {
      id: answer.requestId,
    })
    expect(data.invocation).toEqual({ status: 'SUCCEEDED', source: 'API' })
  })

  it.each([
    ['a partial ARN', { FunctionName: '100000000001:function:echo' }, ARN, '$LATEST'],
    ['an ARN', { FunctionName: ARN }, ARN, '$LATEST'],
    ['an ARN with a version', { FunctionName: `${ARN}:1` }, `${ARN}:1`, '1'],
    ['a name and a qualifier', { Qualifier: '1' }, `${ARN}:1`, '1'],
    ['a name and $LATEST', { Qualifier: '$LATEST' }, `${ARN}:$LATEST`, '$LATEST'],
  ])('takes %s', async (_, input, arn, version) => {
    expect(await invoke(input)).toMatchObject({ ExecutedVersion: version, value: { event: {}, arn } })
  })

  it('gives the end of the log where it is asked for, and the client context to the function', async () => {
    const context = Buffer.from('{"custom":{"ü":1}}').toString('base64')
    const { LogResult, value, requestId } = await invoke({ LogType: 'Tail', ClientContext: context })
    expect(value.custom).toEqual({ ü: 1 })
    const lines = Buffer.from(LogResult!, 'base64').toString('utf8').split('\n')
    expect(lines[0]).toBe(`START RequestId: ${requestId} Version: $LATEST`)
    expect(lines[1]).toContain('got {}')
  })

  it("says that the function failed, with the function's error as the payload", async () => {
    expect(await invoke({ Payload: '{"fail":true}' })).toMatchObject({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      value: { errorType: 'TypeError', errorMessage: 'as asked' },
    })
  })

  it('accepts an event, which then runs', async () => {
    const { StatusCode, ExecutedVersion, requestId, text } = await invoke({ InvocationType: 'Event' })
    expect({ StatusCode, ExecutedVersion, text }).toEqual({ StatusCode: 202, ExecutedVersion: undefined, text: '' })
    const events = await eventsUntilDone(graphql, requestId!)
    expect(events.at(-1)).toMatchObject({ type: 'SUCCEEDED' })
  })

  it('answers a dry run with 204', async () => {
    expect(await invoke({ InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204, text: '' })
  })

  it('refuses what a limit refuses, with its reason, and says so to the account', async () => {
    await createNodeFunction(graphql, 'closed', ECHO)
    await graphql.query(`mutation {
      putFunctionConcurrency(input: { functionName: "closed", reservedConcurrentExecutions: 0 }) { userErrors { code } }
    }`)
    await expect(invoke({ FunctionName: 'closed' })).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      message: 'Rate Exceeded.',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      Type: 'User',
      $metadata: { httpStatusCode: 429 },
    })
    const { data } = await graphql.query('{ throttleEvents { nodes { functionName } } }')
    expect(data.throttleEvents.nodes).toEqual([{ functionName: 'closed' }])
  })

  it.each([
    [{ FunctionName: 'nobody' }, 404, 'ResourceNotFoundException', /Function not found: .*:nobody:\$LATEST$/],
    [{ Qualifier: '7' }, 404, 'ResourceNotFoundException', /Function not found: .*:echo:7$/],
    [
      { FunctionName: `${ARN.replace('east', 'west')}` },
      404,
      'ResourceNotFoundException',
      /not reachable in this region/,
    ],
    [{ FunctionName: 'a b' }, 400, 'ValidationException', /failed to satisfy constraint/],
    [{ FunctionName: 'x'.repeat(500) }, 400, 'ValidationException', /less than or equal to 256/],
    [{ FunctionName: `${ARN}:1`, Qualifier: '2' }, 400, 'InvalidParameterValueException', /derived qualifier/],
    [{ Payload: '{' }, 400, 'InvalidRequestContentException', /^Could not parse request body into json/],
    [{ Payload: Buffer.from([0x87, 0x87]) }, 400, 'InvalidRequestContentException', /^Could not parse request body/],
    [{ ClientContext: 'x' }, 400, 'InvalidRequestContentException', /valid Base64-encoded JSON object/],
    [
      { InvocationType: 'Later' as 'Event' },
      400,
      'ValidationException',
      /enum value set: \[RequestResponse, Event, DryRun\]/,
    ],
    [
      { Payload: Buffer.alloc(6 * 1024 ** 2 + 1, '1') },
      413,
      'RequestEntityTooLargeException',
      /smaller than 6291456 bytes/,
    ],
    [
      { Payload: Buffer.alloc(1024 ** 2 + 1, '1'), InvocationType: 'Event' as const },
      413,
      'RequestEntityTooLargeException',
      /1048577 byte payload is too large for the Event invocation type/,
    ],
  ])('case %#: refuses with the status and the words of AWS', async (input, httpStatusCode, name, message) => {
    await expect(invoke(input)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode },
    })
  })
})

describe('who may invoke over HTTP', () => {
  it('whoever sends a token: as a bearer, or as the access key id of a signed request', async () => {
    const answer = await post(bearer(), '')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toMatchObject({ event: {} })
    const other = lambdaClient(service.url, service.token, 'eu-west-1')
    await expect(invoke({}, other)).rejects.toMatchObject({ message: expect.stringContaining('eu-west-1') })
    other.destroy()
  })

  it.each([
    ['no credentials', () => ({})],
    ['a token that nobody has', () => ({ authorization: `Bearer lql_${'x'.repeat(43)}` })],
    ['credentials in a form of their own', () => ({ authorization: service.token })],
    [
      'a signature without a token',
      () => ({ authorization: 'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/lambda/aws4_request' }),
    ],
    ["a browser's cookie alone", () => ({ cookie: `lambdaql-token=${service.token}`, origin: service.url })],
  ])('not %s', async (_, headers) => {
    const answer = await post(headers())
    expect(answer.status).toBe(403)
    expect(answer.headers.get('x-amzn-errortype')).toBe('UnrecognizedClientException')
    expect(await answer.json()).toEqual({ message: expect.stringContaining('security token') })
  })

  it('not who calls the service by a name that is not its own', async () => {
    const status = await new Promise((resolve) => {
      const headers = { ...bearer(), host: 'attacker.example' }
      request(`${service.url}${PATH}`, { method: 'POST', headers }, (answer) => resolve(answer.statusCode)).end('{}')
    })
    expect(status).toBe(421)
  })

  it("a stranger finds none of the account's functions, and a role that does not invoke is refused", async () => {
    const access = createAccessTokens({ prisma: service.database.prisma, clock: systemClock(), region: 'us-east-1' })
    const { accountId } = await access.createAccount('stranger')
    const tokenOf = async (account: string, role: 'ADMIN' | 'INVOKER' | 'OPERATOR') =>
      (await access.create(account, { name: role, role, expiresInSeconds: null })).secret
    const outcome = async (token: string, FunctionName = 'echo') => {
      const client = lambdaClient(service.url, token)
      try {
        return (await invoke({ FunctionName }, client)).StatusCode
      } catch (error) {
        return (error as Error).name
      } finally {
        client.destroy()
      }
    }
    const stranger = await tokenOf(accountId, 'ADMIN')
    expect(await outcome(stranger)).toBe('ResourceNotFoundException')
    expect(await outcome(stranger, ARN)).toBe('AccessDeniedException')
    expect(await outcome(await tokenOf('100000000001', 'INVOKER'))).toBe(200)
    expect(await outcome(await tokenOf('100000000001', 'OPERATOR'))).toBe('AccessDeniedException')
  })
})
