import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type AwsServer, freePort, motoServer, startAwsServer } from '../kit/awsServer.ts'
import { type DrivenClock, drivenClock } from '../kit/drivenClock.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const hasMoto = motoServer !== null
const PUT = `mutation ($input: PutFunctionEventInvokeConfigInput!) {
  putFunctionEventInvokeConfig(input: $input) { userErrors { message } }
}`
const ENDPOINT = `mutation ($input: PutAwsEndpointInput!) {
  putAwsEndpoint(input: $input) { awsEndpoint { endpointUrl accessKeyId } userErrors { message } }
}`
const INVOCATION = `query ($id: String!) { invocation(requestId: $id) {
  status condition deliveries { purpose targetArn status tries lastError dueAt endedAt }
} }`
const ECHO = 'export const handler = async (event) => ({ echoed: event.n })'
const FAILS = 'export const handler = async () => { throw new Error("no luck") }'
const CREDENTIALS = { accessKeyId: '123456789012', secretAccessKey: 'secret' }
const MOTO = 'arn:aws:sqs:us-east-1:123456789012'

let clock: DrivenClock
let service: TestService
let client: GraphqlClient
let aws: AwsServer
let sqs: SQSClient

/** Creates a queue and returns its URL. */
async function queue(name: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }))
  return QueueUrl!
}

/** The next message of a queue. */
function received(QueueUrl: string): Promise<Message> {
  return vi.waitFor(
    async () => {
      const { Messages } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
      )
      expect(Messages).toHaveLength(1)
      return Messages![0]!
    },
    { timeout: 15_000, interval: 50 },
  )
}

async function put(functionName: string, onSuccess: string | null, onFailure: string | null) {
  const destination = (arn: string | null) => (arn === null ? null : { destination: arn })
  const destinationConfig = { onSuccess: destination(onSuccess), onFailure: destination(onFailure) }
  const { data } = await client.query(PUT, { input: { functionName, maximumRetryAttempts: 0, destinationConfig } })
  expect(data.putFunctionEventInvokeConfig.userErrors).toEqual([])
}

async function putEndpoint(endpointUrl: string) {
  const { data, errors } = await client.query(ENDPOINT, { input: { endpointUrl, ...CREDENTIALS } })
  expect(errors).toBeUndefined()
  const awsEndpoint = { endpointUrl, accessKeyId: CREDENTIALS.accessKeyId }
  expect(data.putAwsEndpoint).toEqual({ awsEndpoint, userErrors: [] })
}

const read = async (id: string) => (await client.query(INVOCATION, { id })).data.invocation

function delivered(id: string) {
  return vi.waitFor(
    async () => {
      const { deliveries } = await read(id)
      expect(deliveries.length).toBeGreaterThan(0)
      for (const { status } of deliveries) expect(status).toBe('DELIVERED')
      return deliveries
    },
    { timeout: 15_000, interval: 50 },
  )
}

beforeAll(async () => {
  if (!hasMoto) return
  aws = await startAwsServer()
  sqs = new SQSClient({ endpoint: aws.url, region: 'us-east-1', credentials: { ...CREDENTIALS } })
  clock = drivenClock(Date.now())
  service = await startTestService({ clock })
  client = graphqlClient(service.url, service.token)
  await putEndpoint(aws.url)
  await createNodeFunction(client, 'echo', ECHO)
  await createNodeFunction(client, 'failing', FAILS)
}, 60_000)
afterAll(async () => {
  if (!hasMoto) return
  await client.close()
  await service[Symbol.asyncDispose]()
  await aws[Symbol.asyncDispose]()
})

// Source: recorded facts 129 to 132 (LocalStack snapshot tests, Apache-2.0). The targets are a server of AWS's protocols.
describe.skipIf(!hasMoto)(hasMoto ? 'a destination' : 'a destination (skipped: no moto_server)', () => {
  it('that is a queue gets a record of the success, with the trace header as system attribute', async () => {
    const url = await queue('successes')
    await put('echo', `${MOTO}:successes`, null)
    const id = await enqueue(client, 'echo', { n: 1 })
    const message = await received(url)
    expect(JSON.parse(message.Body!)).toEqual({
      version: '1.0',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      requestContext: {
        requestId: id,
        functionArn: 'arn:aws:lambda:us-east-1:100000000001:function:echo:$LATEST',
        condition: 'Success',
        approximateInvokeCount: 1,
      },
      requestPayload: { n: 1 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST' },
      responsePayload: { echoed: 1 },
    })
    expect(message.MessageAttributes).toBeUndefined()
    expect(message.Attributes?.['AWSTraceHeader']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=.*Lineage=/)
    expect(await delivered(id)).toMatchObject([{ purpose: 'ON_SUCCESS', tries: 1, lastError: null, dueAt: null }])
  })

  it('that is a topic gets a record of the failure', async () => {
    const sns = new SNSClient({ endpoint: aws.url, region: 'us-east-1', credentials: { ...CREDENTIALS } })
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'failures' }))
    const url = await queue('topic-subscriber')
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: `${MOTO}:topic-subscriber` }))
    await put('failing', null, TopicArn!)
    const id = await enqueue(client, 'failing', { n: 2 })
    const record = JSON.parse(JSON.parse((await received(url)).Body!).Message)
    expect(record).toMatchObject({
      requestContext: { requestId: id, condition: 'RetriesExhausted', approximateInvokeCount: 1 },
      requestPayload: { n: 2 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: 'Error', errorMessage: 'no luck' },
    })
  })

  it('that is an event bus gets an event of the source lambda, which names the bus and the function', async () => {
    const events = new EventBridgeClient({ endpoint: aws.url, region: 'us-east-1', credentials: { ...CREDENTIALS } })
    const bus = 'arn:aws:events:us-east-1:123456789012:event-bus/default'
    const url = await queue('bus-target')
    await events.send(new PutRuleCommand({ Name: 'all', EventPattern: JSON.stringify({ source: ['lambda'] }) }))
    await events.send(new PutTargetsCommand({ Rule: 'all', Targets: [{ Id: '1', Arn: `${MOTO}:bus-target` }] }))
    await put('echo', bus, null)
    const id = await enqueue(client, 'echo', { n: 3 })
    expect(JSON.parse((await received(url)).Body!)).toMatchObject({
      source: 'lambda',
      'detail-type': 'Lambda Function Invocation Result - Success',
      resources: [bus, 'arn:aws:lambda:us-east-1:100000000001:function:echo:$LATEST'],
      detail: { requestContext: { requestId: id }, responsePayload: { echoed: 3 } },
    })
  })

  it('that is a bucket gets an object by function, day and time', async () => {
    const settings = { endpoint: aws.url, region: 'us-east-1', credentials: { ...CREDENTIALS }, forcePathStyle: true }
    const s3 = new S3Client(settings)
    await s3.send(new CreateBucketCommand({ Bucket: 'records' }))
    await put('failing', null, 'arn:aws:s3:::records')
    const id = await enqueue(client, 'failing', { n: 4 })
    await delivered(id)
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'records' }))
    const Key = Contents![0]!.Key!
    expect(Key).toMatch(
      /^aws\/lambda\/async\/failing\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
    )
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'records', Key }))
    expect(JSON.parse(await Body!.transformToString())).toMatchObject({ requestContext: { requestId: id } })
  })

  it('a dead-letter queue gets the event itself, with request id, code and message as attributes', async () => {
    const url = await queue('dead')
    await createNodeFunction(client, 'with-queue', FAILS, { deadLetterConfig: { targetArn: `${MOTO}:dead` } })
    await put('with-queue', null, null)
    const id = await enqueue(client, 'with-queue', { n: 5 })
    const { Body, MessageAttributes, Attributes } = await received(url)
    expect(Body).toBe('{"n":5}')
    expect(MessageAttributes).toMatchObject({
      RequestID: { DataType: 'String', StringValue: id },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
      ErrorMessage: { DataType: 'String', StringValue: 'no luck' },
    })
    expect(Attributes?.['AWSTraceHeader']).toMatch(/^Root=/)
  })

  it('that is not there is tried again with growing delay until it is, and says why meanwhile', async () => {
    await put('echo', `${MOTO}:later`, null)
    const id = await enqueue(client, 'echo', { n: 6 })
    const refused = await vi.waitFor(
      async () => {
        const [delivery] = (await read(id)).deliveries
        expect(delivery).toMatchObject({
          status: 'PENDING',
          tries: 1,
          lastError: expect.stringMatching(/does not exist/),
        })
        return delivery
      },
      { timeout: 10_000 },
    )
    expect(new Date(refused.dueAt).getTime()).toBeGreaterThan(clock.now())
    const url = await queue('later')
    await clock.advance(5_000)
    await received(url)
    expect(await delivered(id)).toMatchObject([{ tries: 2, lastError: null }])
  })

  it('whose endpoint does not answer gets its record when it does, each record once', async () => {
    const port = await freePort()
    await putEndpoint(`http://127.0.0.1:${port}`)
    await put('echo', `${MOTO}:returning`, null)
    const ids = await Promise.all([1, 2, 3].map((n) => enqueue(client, 'echo', { n })))
    for (const id of ids) {
      await vi.waitFor(async () => expect((await read(id)).deliveries[0]?.lastError).toMatch(/ECONNREFUSED/), 10_000)
    }
    await using other = await startAwsServer(port)
    const there = new SQSClient({ endpoint: other.url, region: 'us-east-1', credentials: { ...CREDENTIALS } })
    const { QueueUrl } = await there.send(new CreateQueueCommand({ QueueName: 'returning' }))
    await clock.advance(10_000)
    for (const id of ids) await delivered(id)
    const { Messages } = await there.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    const seen = Messages!.map(({ Body }) => JSON.parse(Body!).requestContext.requestId)
    expect(seen.sort()).toEqual(ids.sort())
    await putEndpoint(aws.url)
  })
})
