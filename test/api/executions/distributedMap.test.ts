import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AwsServer, motoServer, startAwsServer } from '../../kit/awsServer.ts'
import { type GraphqlClient, graphqlClient } from '../../kit/graphqlClient.ts'
import { createMachine, startExecution, untilEnded } from '../../kit/stateMachineDocuments.ts'
import { startTestService, type TestService } from '../../kit/testService.ts'

const title = `a distributed Map reads and writes S3${motoServer === null ? ' (skipped: no moto_server)' : ''}`

describe.skipIf(motoServer === null)(title, () => {
  let aws: AwsServer
  let s3: S3Client
  let service: TestService
  let client: GraphqlClient

  beforeAll(async () => {
    ;[aws, service] = await Promise.all([startAwsServer(), startTestService()])
    client = graphqlClient(service.url, service.token)
    const credentials = { accessKeyId: '123456789012', secretAccessKey: 'secret' }
    s3 = new S3Client({ region: 'us-east-1', endpoint: aws.url, forcePathStyle: true, credentials: { ...credentials } })
    await s3.send(new CreateBucketCommand({ Bucket: 'items' }))
    const { data } = await client.query(
      'mutation ($input: PutAwsEndpointInput!) { putAwsEndpoint(input: $input) { userErrors { message } } }',
      { input: { endpointUrl: aws.url, ...credentials } },
    )
    expect(data.putAwsEndpoint.userErrors).toEqual([])
  })
  afterAll(async () => {
    await client?.close()
    await service?.[Symbol.asyncDispose]()
    s3?.destroy()
    await aws?.[Symbol.asyncDispose]()
  })

  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: 'items', Key, Body }))
  const get = async (Key: string) =>
    (await s3.send(new GetObjectCommand({ Bucket: 'items', Key }))).Body!.transformToString()

  const processor = (State: object = { Type: 'Pass', End: true }) => ({
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
    StartAt: 'State',
    States: { State },
  })

  async function run(name: string, map: object, input: unknown = {}) {
    const definition = { StartAt: 'Each', States: { Each: { Type: 'Map', End: true, ...map } } }
    const arn = await createMachine(client, name, definition)
    const { execution, userErrors } = await startExecution(client, arn, input)
    expect(userErrors).toEqual([])
    return untilEnded(client, execution.executionArn)
  }

  const reader = (Key: string, ReaderConfig: object) => ({
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig,
    Parameters: { Bucket: 'items', Key },
  })

  it.each([
    ['a JSON array', '[{"n":1},{"n":2}]', { InputType: 'JSON' }, [{ n: 1 }, { n: 2 }]],
    ['the lines of JSON Lines', '{"n":1}\n\n{"n":2}', { InputType: 'JSONL' }, [{ n: 1 }, { n: 2 }]],
    [
      'CSV with headers in its first row',
      'name,size\r\n"a, b",1\r\nc,2\r\n',
      { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
      [
        { name: 'a, b', size: '1' },
        { name: 'c', size: '2' },
      ],
    ],
    [
      'CSV with given headers, up to MaxItems',
      'a;1\nb;2\nc;3\n',
      { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['k', 'v'], CSVDelimiter: 'SEMICOLON', MaxItems: 2 },
      [
        { k: 'a', v: '1' },
        { k: 'b', v: '2' },
      ],
    ],
  ])('items come from %s', async (what, body, config, items) => {
    const name = what.replaceAll(/\W+/g, '-')
    await put(name, body)
    const ended = await run(name, { ItemReader: reader(name, config), ItemProcessor: processor() })
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: items })
  })

  it('ItemSelector sees index and value, and ItemBatcher groups what it gives', async () => {
    await put('batched', '[10,20,30,40,50]')
    const ended = await run('batched', {
      ItemReader: reader('batched', { InputType: 'JSON' }),
      ItemSelector: { 'at.$': '$$.Map.Item.Index', 'value.$': '$$.Map.Item.Value' },
      ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { shared: true } },
      ItemProcessor: processor(),
      MaxConcurrency: 1,
    })
    expect(ended.output).toEqual([
      {
        BatchInput: { shared: true },
        Items: [
          { at: 0, value: 10 },
          { at: 1, value: 20 },
        ],
      },
      {
        BatchInput: { shared: true },
        Items: [
          { at: 2, value: 30 },
          { at: 3, value: 40 },
        ],
      },
      { BatchInput: { shared: true }, Items: [{ at: 4, value: 50 }] },
    ])
  })

  it('results are written to S3 by status, with a manifest that names the files', async () => {
    const fails = {
      StartAt: 'Odd',
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      States: {
        Odd: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 2, Next: 'No' }], Default: 'Yes' },
        No: { Type: 'Fail', Error: 'Two' },
        Yes: { Type: 'Pass', End: true },
      },
    }
    const ended = await run(
      'written',
      {
        ItemProcessor: fails,
        ToleratedFailurePercentage: 50,
        ResultWriter: {
          Resource: 'arn:aws:states:::s3:putObject',
          Parameters: { Bucket: 'items', Prefix: 'results' },
        },
      },
      [1, 2, 3],
    )
    expect(ended.status).toBe('SUCCEEDED')
    const manifest = JSON.parse(await get(ended.output.ResultWriterDetails.Key))
    expect(manifest).toMatchObject({ DestinationBucket: 'items', MapRunArn: ended.output.MapRunArn })
    const succeeded = JSON.parse(await get(manifest.ResultFiles.SUCCEEDED[0].Key))
    expect(succeeded).toMatchObject([
      { Input: '1', Output: '1', Status: 'SUCCEEDED' },
      { Input: '3', Output: '3' },
    ])
    expect(JSON.parse(await get(manifest.ResultFiles.FAILED[0].Key))).toMatchObject([
      { Error: 'Two', Status: 'FAILED' },
    ])
  })

  it('more failures than are tolerated fail the Map', async () => {
    const ended = await run(
      'intolerant',
      { ItemProcessor: processor({ Type: 'Fail' }), ToleratedFailureCount: 1 },
      [1, 2, 3],
    )
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' })
  })

  it('an object that is not there, or is malformed, fails the Map with States.ItemReaderFailed', async () => {
    const missing = await run('missing', { ItemReader: reader('nothing', {}), ItemProcessor: processor() })
    expect(missing).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' })
    expect(missing.cause).toMatch(/NoSuchKey/)
    await put('malformed', '{"n":1}\nno json')
    const config = { InputType: 'JSONL' }
    const malformed = await run('malformed', { ItemReader: reader('malformed', config), ItemProcessor: processor() })
    expect(malformed).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' })
    expect(malformed.cause).toMatch(/Line 2 is no JSON/)
  })
})
