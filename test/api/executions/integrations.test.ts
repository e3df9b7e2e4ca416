import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AwsServer, motoServer, startAwsServer } from '../../kit/awsServer.ts'
import { type GraphqlClient, graphqlClient } from '../../kit/graphqlClient.ts'
import { createMachine, startExecution, untilEnded } from '../../kit/stateMachineDocuments.ts'
import { startTestService, type TestService } from '../../kit/testService.ts'

const title = `Task states call AWS's services${motoServer === null ? ' (skipped: no moto_server)' : ''}`
const CREDENTIALS = { accessKeyId: '123456789012', secretAccessKey: 'secret' }

describe.skipIf(motoServer === null)(title, () => {
  let aws: AwsServer
  let web: Server
  let webUrl: string
  let service: TestService
  let client: GraphqlClient
  let queues: SQSClient
  let queueUrl: string
  let topicArn: string
  let count = 0

  beforeAll(async () => {
    ;[aws, service] = await Promise.all([startAwsServer(), startTestService()])
    client = graphqlClient(service.url, service.token)
    const { data } = await client.query(
      'mutation ($input: PutAwsEndpointInput!) { putAwsEndpoint(input: $input) { userErrors { message } } }',
      { input: { endpointUrl: aws.url, ...CREDENTIALS } },
    )
    expect(data.putAwsEndpoint.userErrors).toEqual([])
    const settings = () => ({ region: 'us-east-1', endpoint: aws.url, credentials: { ...CREDENTIALS } })
    queues = new SQSClient(settings())
    queueUrl = (await queues.send(new CreateQueueCommand({ QueueName: 'orders' }))).QueueUrl!
    const topics = new SNSClient(settings())
    topicArn = (await topics.send(new CreateTopicCommand({ Name: 'news' }))).TopicArn!
    const Endpoint = 'arn:aws:sqs:us-east-1:123456789012:orders'
    await topics.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint }))
    await new S3Client({ ...settings(), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'files' }))
    await new DynamoDBClient(settings()).send(
      new CreateTableCommand({
        TableName: 'orders',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
    web = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      response.writeHead(request.url?.startsWith('/missing') ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ method: request.method, url: request.url, body }))
    })
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    await client?.close()
    await service?.[Symbol.asyncDispose]()
    queues?.destroy()
    web?.close()
    await aws?.[Symbol.asyncDispose]()
  })

  const task = (resource: string, Parameters: object) => ({
    Type: 'Task',
    Resource: `arn:aws:states:::${resource}`,
    Parameters,
    End: true,
  })

  async function start(state: object) {
    count += 1
    const arn = await createMachine(client, `machine-${count}`, { StartAt: 'Call', States: { Call: state } })
    return (await startExecution(client, arn)).execution.executionArn as string
  }

  const run = async (resource: string, parameters: object) =>
    untilEnded(client, await start(task(resource, parameters)))

  async function receive(): Promise<string> {
    const { Messages } = await queues.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 5 }))
    return Messages![0]!.Body!
  }

  it('sqs:sendMessage sends a body that is JSON as text, and tells of the call', async () => {
    const ended = await run('sqs:sendMessage', { QueueUrl: queueUrl, MessageBody: { order: 1 } })
    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        MessageId: expect.any(String),
        MD5OfMessageBody: expect.any(String),
        SdkHttpMetadata: { HttpStatusCode: 200 },
        SdkResponseMetadata: { RequestId: expect.any(String) },
      },
    })
    expect(JSON.parse(await receive())).toEqual({ order: 1 })
  })

  it('sqs:sendMessage.waitForTaskToken waits until whoever got the message answers', async () => {
    const arn = await start(
      task('sqs:sendMessage.waitForTaskToken', {
        QueueUrl: queueUrl,
        MessageBody: { 'token.$': '$$.Task.Token' },
      }),
    )
    const { token: taskToken } = JSON.parse(await receive())
    const { data } = await client.query(
      'mutation ($input: SendTaskSuccessInput!) { sendTaskSuccess(input: $input) { userErrors { message } } }',
      { input: { taskToken, output: { approved: true } } },
    )
    expect(data.sendTaskSuccess.userErrors).toEqual([])
    expect(await untilEnded(client, arn)).toMatchObject({ status: 'SUCCEEDED', output: { approved: true } })
  })

  it('sns:publish publishes', async () => {
    const ended = await run('sns:publish', { TopicArn: topicArn, Message: { hello: 'world' } })
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { MessageId: expect.any(String) } })
    expect(JSON.parse(JSON.parse(await receive()).Message)).toEqual({ hello: 'world' })
  })

  it('dynamodb puts, updates, gets and deletes items', async () => {
    const Key = { id: { S: '1' } }
    await run('dynamodb:putItem', { TableName: 'orders', Item: { ...Key, n: { N: '1' } } })
    await run('dynamodb:updateItem', {
      TableName: 'orders',
      Key,
      UpdateExpression: 'SET n = n + :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    })
    const got = await run('dynamodb:getItem', { TableName: 'orders', Key })
    expect(got.output).toMatchObject({ Item: { id: { S: '1' }, n: { N: '2' } } })
    await run('dynamodb:deleteItem', { TableName: 'orders', Key })
    const gone = await run('dynamodb:getItem', { TableName: 'orders', Key })
    expect(gone.output.Item).toBeUndefined()
  })

  it('events:putEvents puts events', async () => {
    const Entries = [{ Source: 'shop', DetailType: 'order', Detail: { n: 1 } }]
    const ended = await run('events:putEvents', { Entries })
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { FailedEntryCount: 0 } })
  })

  it('aws-sdk:s3 puts and gets objects, whose bodies are texts', async () => {
    await run('aws-sdk:s3:putObject', { Bucket: 'files', Key: 'a.json', Body: { a: 1 } })
    const got = await run('aws-sdk:s3:getObject', { Bucket: 'files', Key: 'a.json' })
    expect(got).toMatchObject({ status: 'SUCCEEDED', output: { Body: '{"a":1}', ContentLength: 7 } })
  })

  it.each([
    [
      'dynamodb:getItem',
      { TableName: 'nothing', Key: { id: { S: '1' } } },
      'DynamoDB.ResourceNotFoundException',
      /\(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: .+; Proxy: null\)$/,
    ],
    [
      'aws-sdk:dynamodb:getItem',
      { TableName: 'nothing', Key: { id: { S: '1' } } },
      'DynamoDb.ResourceNotFoundException',
      /\(Service: DynamoDb, Status Code: 400, Request ID: .+\)$/,
    ],
    [
      'aws-sdk:s3:getObject',
      { Bucket: 'files', Key: 'nothing' },
      'S3.NoSuchKeyException',
      /\(Service: S3, Status Code: 404, Request ID: .+\)$/,
    ],
    ['aws-sdk:kms:listKeys', {}, 'States.Runtime', /npm install @aws-sdk\/client-kms/],
    ['aws-sdk:s3:fly', {}, 'States.Runtime', /no action fly/],
  ])('%s that is refused fails the state in the words of AWS', async (resource, parameters, error, cause) => {
    const ended = await run(resource, parameters)
    expect(ended).toMatchObject({ status: 'FAILED', error })
    expect(ended.cause).toMatch(cause)
  })

  it('http:invoke sends a request and gives the answer', async () => {
    const ended = await run('http:invoke', {
      ApiEndpoint: `${webUrl}/orders`,
      Method: 'POST',
      QueryParameters: { a: 1, b: ['x', 'y'] },
      RequestBody: { n: 1 },
      Authentication: { ConnectionArn: 'arn:aws:events:us-east-1:123456789012:connection/c/1' },
    })
    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        StatusCode: 200,
        StatusText: 'OK',
        Headers: { 'content-type': ['application/json'] },
        ResponseBody: { method: 'POST', url: '/orders?a=1&b=x&b=y', body: '{"n":1}' },
      },
    })
  })

  it.each([
    ['/missing', 'States.Http.StatusCode.404', /missing/],
    ['http://127.0.0.1:1/', 'States.Http.Socket', /ECONNREFUSED/],
    ['http://169.254.169.254/latest', 'States.Runtime', /link-local/],
  ])('http:invoke of %s fails with %s', async (where, error, cause) => {
    const ApiEndpoint = where.startsWith('/') ? webUrl + where : where
    const Authentication = { ConnectionArn: 'arn:aws:events:us-east-1:123456789012:connection/c/1' }
    const ended = await run('http:invoke', { ApiEndpoint, Method: 'GET', Authentication })
    expect(ended).toMatchObject({ status: 'FAILED', error })
    expect(ended.cause).toMatch(cause)
  })
})
