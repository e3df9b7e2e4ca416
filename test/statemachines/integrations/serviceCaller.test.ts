import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAwsClients } from '../../../src/destinations/awsClients.ts'
import { guardedLookup, refusedHost } from '../../../src/destinations/endpointRules.ts'
import type { Json } from '../../../src/statemachines/data/json.ts'
import { createServiceCaller } from '../../../src/statemachines/integrations/serviceCaller.ts'
import { type AwsServer, motoServer, startAwsServer } from '../../kit/awsServer.ts'

const scope = { accountId: '123456789012', region: 'us-east-1' }
const credentials = { accessKeyId: '123456789012', secretAccessKey: 'secret' }
const connection = (endpointUrl: string | null) => ({ ...credentials, endpointUrl, sessionToken: null, revision: '1' })

/** Calls services at an endpoint, or at AWS's own. */
function callerAt(endpointUrl: string | null) {
  const clients = createAwsClients(scope, connection(endpointUrl))
  const caller = createServiceCaller(async () => clients, { lookup: guardedLookup, refuseHost: refusedHost })
  return (service: string, action: string, parameters: Json, signal = AbortSignal.timeout(10_000)) =>
    caller(scope, { service, action, parameters, requestId: 'request' }, signal)
}

describe.skipIf(motoServer === null)(`services${motoServer === null ? ' (skipped: no moto_server)' : ''}`, () => {
  let aws: AwsServer
  let call: ReturnType<typeof callerAt>
  let QueueUrl: string

  beforeAll(async () => {
    aws = await startAwsServer()
    call = callerAt(aws.url)
    const settings = () => ({ region: scope.region, endpoint: aws.url, credentials })
    QueueUrl = (await new SQSClient(settings()).send(new CreateQueueCommand({ QueueName: 'orders' }))).QueueUrl!
    await new S3Client({ ...settings(), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'files' }))
    await new DynamoDBClient(settings()).send(
      new CreateTableCommand({
        TableName: 'orders',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
  })
  afterAll(async () => {
    await aws?.[Symbol.asyncDispose]()
  })

  it('an optimised integration tells of the call as AWS does, each header as a list and as a text', async () => {
    const answer = await call('sqs', 'sendMessage', { QueueUrl, MessageBody: 'x' })
    expect(answer).toMatchObject({
      kind: 'SUCCEEDED',
      output: {
        SdkHttpMetadata: {
          AllHttpHeaders: { 'Content-Length': [expect.any(String)], Date: [expect.any(String)] },
          HttpHeaders: { 'Content-Length': expect.any(String), Date: expect.any(String) },
          HttpStatusCode: 200,
        },
        SdkResponseMetadata: { RequestId: expect.any(String) },
      },
    })
  })

  it('an integration of the SDK tells nothing of the call', async () => {
    const answer = await call('aws-sdk:sqs', 'sendMessage', { QueueUrl, MessageBody: 'x' })
    expect(Object.keys((answer as { output: object }).output)).not.toContain('SdkHttpMetadata')
  })

  it('a key of message attributes that is named like the body is an attribute', async () => {
    const MessageAttributes = { MessageBody: { DataType: 'String', StringValue: 'x' } }
    const sent = await call('sqs', 'sendMessage', { QueueUrl, MessageBody: { a: 1 }, MessageAttributes })
    expect(sent).toMatchObject({ kind: 'SUCCEEDED', output: { MD5OfMessageAttributes: expect.any(String) } })
  })

  it('bytes of DynamoDB come back as they were put', async () => {
    const Item = { id: { S: '1' }, one: { B: 'aGVsbG8=' }, set: { BS: ['aGVsbG8=', 'd29ybGQ='] } }
    expect(await call('dynamodb', 'putItem', { TableName: 'orders', Item })).toMatchObject({ kind: 'SUCCEEDED' })
    const got = await call('dynamodb', 'getItem', { TableName: 'orders', Key: { id: { S: '1' } } })
    expect(got).toMatchObject({ kind: 'SUCCEEDED', output: { Item } })
  })

  it('a condition that does not hold is an error that a Catch can name', async () => {
    const Item = { id: { S: '1' } }
    const ConditionExpression = 'attribute_not_exists(id)'
    await call('dynamodb', 'putItem', { TableName: 'orders', Item })
    const refused = await call('dynamodb', 'putItem', { TableName: 'orders', Item, ConditionExpression })
    expect(refused).toMatchObject({ kind: 'FAILED', error: 'DynamoDB.ConditionalCheckFailedException' })
  })

  it('an event has the time that the state gives', async () => {
    const Entries = [{ Source: 'shop', DetailType: 'order', Detail: { n: 1 }, Time: '2024-01-01T00:00:00Z' }]
    expect(await call('events', 'putEvents', { Entries })).toMatchObject({ kind: 'SUCCEEDED' })
  })

  it('an event that is refused fails the state, though the call did not', async () => {
    const Entries = [{ DetailType: 'order', Detail: { n: 1 } }]
    const answer = await call('events', 'putEvents', { Entries })
    expect(answer).toMatchObject({ kind: 'FAILED', error: 'EventBridge.FailedEntry' })
    const { kind } = await call('aws-sdk:eventbridge', 'putEvents', { Entries })
    expect(kind).toBe('SUCCEEDED')
  })

  it.each([
    ['sqs', 'sendMessage', { queueUrl: 'x' }, '[The field "queueUrl" is not supported by Step Functions]'],
    ['aws-sdk:s3', 'getObject', { Key: 'x' }, '[The field "Bucket" is required but was missing]'],
  ])('%s:%s of what the action has not begins no task', async (service, action, parameters, problem) => {
    const cause = `The Parameters '${JSON.stringify(parameters)}' could not be used to start the Task: ${problem}`
    expect(await call(service, action, parameters)).toEqual({ kind: 'FAILED', error: 'States.Runtime', cause })
  })

  it('a queue that is not there is refused in the words of AWS', async () => {
    const answer = await call('sqs', 'sendMessage', { QueueUrl: `${QueueUrl}-no`, MessageBody: 'x' })
    expect(answer).toMatchObject({
      kind: 'FAILED',
      error: expect.stringMatching(/^SQS\.\w+Exception$/),
      cause: expect.stringMatching(
        /\(Service: AmazonSQS; Status Code: 400; Error Code: .+; Request ID: .+; Proxy: null\)$/,
      ),
    })
  })
})

describe('what is not reached', () => {
  it.each([
    'http://169.254.169.254/latest/queue',
    'http://[fe80::1]/1/queue',
    'http://[::ffff:169.254.169.254]/1/queue',
  ])('a queue at %s is not called: a state machine says where the SDK goes', async (QueueUrl) => {
    const answer = await callerAt(null)('sqs', 'sendMessage', { QueueUrl, MessageBody: 'x' })
    expect(answer).toMatchObject({
      kind: 'FAILED',
      error: 'SQS.SdkClientException',
      cause: expect.stringContaining('is a link-local address'),
    })
  })

  it('an endpoint that does not answer is the error of a client', async () => {
    const answer = await callerAt('http://127.0.0.1:1')('dynamodb', 'getItem', { TableName: 'x', Key: {} })
    expect(answer).toMatchObject({ kind: 'FAILED', error: 'DynamoDB.SdkClientException' })
  })
})

describe('http:invoke', () => {
  let web: Server
  let url: string
  let answer: { status: number; type: string; body: string }

  beforeAll(async () => {
    web = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const { 'content-type': type, 'user-agent': agent } = request.headers
      response.writeHead(answer.status, { 'content-type': answer.type })
      response.end(answer.body || JSON.stringify({ type, agent, body }))
    })
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
    answer = { status: 200, type: 'application/json', body: '' }
  })
  afterAll(() => void web.close())

  const invoke = (parameters: object) =>
    callerAt(null)('http', 'invoke', { ApiEndpoint: url, Method: 'POST', ...parameters } as Json)

  it.each([
    [undefined, 'a[0]=x&a[1]=y&b[c]=1'],
    ['INDICES', 'a[0]=x&a[1]=y&b[c]=1'],
    ['REPEAT', 'a=x&a=y&b[c]=1'],
    ['COMMAS', 'a=x,y&b[c]=1'],
    ['BRACKETS', 'a[]=x&a[]=y&b[c]=1'],
  ])('a form writes arrays as ArrayFormat %s says', async (ArrayFormat, body) => {
    const found = await invoke({
      RequestBody: { a: ['x', 'y'], b: { c: 1 } },
      Transform: {
        RequestBodyEncoding: 'URL_ENCODED',
        ...(ArrayFormat === undefined ? {} : { RequestEncodingOptions: { ArrayFormat } }),
      },
    })
    const { ResponseBody } = (found as unknown as { output: { ResponseBody: { type: string; body: string } } }).output
    expect(ResponseBody.type).toBe('application/x-www-form-urlencoded')
    expect(decodeURIComponent(ResponseBody.body)).toBe(body)
  })

  it('says from which region it comes', async () => {
    const eu = createServiceCaller(() => Promise.reject(), { lookup: guardedLookup, refuseHost: refusedHost })
    const call = { service: 'http', action: 'invoke', parameters: { ApiEndpoint: url, Method: 'GET' }, requestId: 'x' }
    const found = await eu({ ...scope, region: 'eu-central-1' }, call, AbortSignal.timeout(5_000))
    expect(found).toMatchObject({
      output: { ResponseBody: { agent: 'Amazon|StepFunctions|HttpInvoke|eu-central-1' } },
    })
  })

  it.each([301, 404, 503])('an answer of %i is an error with its body as the cause', async (status) => {
    answer = { status, type: 'text/plain', body: 'no such thing' }
    expect(await invoke({})).toEqual({
      kind: 'FAILED',
      error: `States.Http.StatusCode.${status}`,
      cause: 'no such thing',
    })
  })

  it('a text that claims to be JSON is a text', async () => {
    answer = { status: 200, type: 'application/json', body: '{"a":' }
    expect(await invoke({})).toMatchObject({ kind: 'SUCCEEDED', output: { ResponseBody: '{"a":' } })
  })

  it.each([
    [{ ApiEndpoint: 'http://169.254.169.254/latest' }, /link-local/],
    [{ ApiEndpoint: 'http://0xa9fea9fe/latest' }, /link-local/],
    [{ ApiEndpoint: 'file:///etc/passwd' }, /no HTTP URL/],
    [{ ApiEndpoint: 'nothing' }, /no URL/],
    [{ Transform: { RequestEncodingOptions: { ArrayFormat: 'TREE' } } }, /no ArrayFormat "TREE"/],
  ])('%j is refused before anything is sent', async (parameters, cause) => {
    expect(await invoke(parameters)).toMatchObject({
      kind: 'FAILED',
      error: 'States.Runtime',
      cause: expect.stringMatching(cause),
    })
  })
})
