import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../../../src/statemachines/data/json.ts'
import type { ItemReaderOrder } from '../../../src/statemachines/engine/taskOrder.ts'
import { MapRunFault, readItems } from '../../../src/statemachines/mapRun/readItems.ts'
import { type AwsServer, motoServer, startAwsServer } from '../../kit/awsServer.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What is in memory and still needed. */
function liveBytes(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const s3At = (endpoint: string, requestHandler: object = {}) =>
  new S3Client({
    requestHandler,
    region: 'us-east-1',
    endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'secret' },
  })

const readerOf = (resource: string, parameters: Json, config: Json, maxItems: number | null = null) => ({
  resource: `arn:aws:states:::s3:${resource}`,
  parameters,
  config,
  maxItems,
})

async function all(reader: ItemReaderOrder, s3: S3Client): Promise<Json[]> {
  const found: Json[] = []
  for await (const item of readItems(reader, async () => s3)) found.push(item)
  return found
}

describe.skipIf(motoServer === null)(`items from S3${motoServer === null ? ' (skipped: no moto_server)' : ''}`, () => {
  let aws: AwsServer
  let s3: S3Client
  const LINES = 100_000

  beforeAll(async () => {
    aws = await startAwsServer()
    s3 = s3At(aws.url)
    await s3.send(new CreateBucketCommand({ Bucket: 'items' }))
    const filler = 'x'.repeat(500)
    const lines = Array.from({ length: LINES }, (_, n) => `${JSON.stringify({ n, filler })}\n`).join('')
    await put('large.jsonl', lines)
    await put('large.csv', 'n,filler\n'.repeat(LINES))
    await put('parts/', '')
    await put('parts/a.jsonl', '1\n2\n')
    await put('parts/b.jsonl', '3\n')
    await put('bad/a.jsonl', '1\nno\n')
  })
  afterAll(async () => {
    s3?.destroy()
    await aws?.[Symbol.asyncDispose]()
  })

  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: 'items', Key, Body }))

  it('100,000 lines pass through a memory that does not grow with them', async () => {
    const reader = readerOf('getObject', { Bucket: 'items', Key: 'large.jsonl' }, { InputType: 'JSONL' })
    const before = liveBytes()
    let most = 0
    let count = 0
    for await (const item of readItems(reader, async () => s3)) {
      expect((item as { n: number }).n === count).toBe(true)
      count += 1
      if (count % 20_000 === 10_000) most = Math.max(most, liveBytes())
    }
    expect(count).toBe(LINES)
    // The object has 50 MiB.
    expect((most - before) / 1024 / 1024).toBeLessThan(8)
  })

  it('readers that stop at MaxItems hold no connection: more of them than there are sockets', async () => {
    const few = s3At(aws.url, { httpAgent: { maxSockets: 2 } })
    const csv = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }
    for (const [Key, config] of [['large.csv', csv] as const, ['large.jsonl', { InputType: 'JSONL' }] as const]) {
      for (let round = 0; round < 4; round += 1) {
        expect(await all(readerOf('getObject', { Bucket: 'items', Key }, config, 1), few)).toHaveLength(1)
      }
    }
    few.destroy()
  })

  it('what comes after MaxItems is not looked at', async () => {
    const reader = readerOf('getObject', { Bucket: 'items', Key: 'bad/a.jsonl' }, { InputType: 'JSONL' }, 1)
    expect(await all(reader, s3)).toEqual([1])
  })

  it('listObjectsV2 gives the objects, as many as there are pages of', async () => {
    const found = await all(readerOf('listObjectsV2', { Bucket: 'items', Prefix: 'parts/', MaxKeys: 1 }, {}), s3)
    expect(found).toEqual(
      ['parts/', 'parts/a.jsonl', 'parts/b.jsonl'].map((Key) => ({
        Key,
        Etag: expect.any(String),
        LastModified: expect.any(Number),
        Size: expect.any(Number),
        StorageClass: 'STANDARD',
      })),
    )
  })

  it('LOAD_AND_FLATTEN gives the items of all listed objects, up to MaxItems', async () => {
    const config = { InputType: 'JSONL', Transformation: 'LOAD_AND_FLATTEN' }
    const parameters = { Bucket: 'items', Prefix: 'parts/' }
    expect(await all(readerOf('listObjectsV2', parameters, config), s3)).toEqual([1, 2, 3])
    expect(await all(readerOf('listObjectsV2', parameters, config, 2), s3)).toEqual([1, 2])
  })

  it.each([
    ['getObject', { Bucket: 'items', Key: 'nothing' }, { InputType: 'JSON' }, /^NoSuchKey: /],
    ['getObject', { Bucket: 'nothing', Key: 'nothing' }, { InputType: 'JSON' }, /^NoSuchBucket: /],
    ['getObject', { Bucket: 'items' }, { InputType: 'JSON' }, /^The reader's parameters have no Key/],
    [
      'getObject',
      { Bucket: 'items', Key: 'parts/a.jsonl' },
      { InputType: 'PARQUET' },
      /no reader for InputType "PARQUET"/,
    ],
    [
      'listObjectsV2',
      { Bucket: 'items', Prefix: 'bad/' },
      { InputType: 'JSONL', Transformation: 'LOAD_AND_FLATTEN' },
      /^bad\/a\.jsonl: Line 2 is no JSON/,
    ],
  ])('%s of %j as %j is States.ItemReaderFailed', async (resource, parameters, config, cause) => {
    const failure = await all(readerOf(resource, parameters, config), s3).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(MapRunFault)
    expect(failure).toMatchObject({ error: 'States.ItemReaderFailed', message: expect.stringMatching(cause) })
  })
})

describe('a connection that breaks', () => {
  const object = Buffer.from(Array.from({ length: 200_000 }, (_, n) => `${n}\n`).join(''))
  let server: Server
  let s3: S3Client
  let requests: { range: string | undefined; ifMatch: string | undefined }[]

  /** A bucket of one object, which breaks every answer but the last after `piece` bytes. */
  async function serve(piece: number, breaks: number): Promise<void> {
    requests = []
    server = createServer((request, response) => {
      const { range, 'if-match': ifMatch } = request.headers
      requests.push({ range, ifMatch })
      const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
      const rest = object.subarray(from)
      response.writeHead(range === undefined ? 200 : 206, { etag: '"1"', 'content-length': rest.length })
      if (requests.length > breaks) response.end(rest)
      else response.write(rest.subarray(0, piece), () => setImmediate(() => response.destroy()))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    s3 = s3At(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  }
  afterEach(() => {
    s3.destroy()
    server.close()
    server.closeAllConnections()
  })

  const reader = readerOf('getObject', { Bucket: 'b', Key: 'k' }, { InputType: 'JSONL' })

  it('is opened anew where it broke, and every item comes once', async () => {
    await serve(100_000, 3)
    const found = await all(reader, s3)
    expect(found).toEqual(Array.from({ length: 200_000 }, (_, n) => n))
    expect(requests).toHaveLength(4)
    expect(requests.slice(1).every(({ range, ifMatch }) => range !== undefined && ifMatch === '"1"')).toBe(true)
  })

  it('while nobody reads from it is opened anew too', async () => {
    await serve(100_000, 1)
    let count = 0
    for await (const item of readItems(reader, async () => s3)) {
      expect(item).toBe(count)
      count += 1
      // The answer has broken by the time that the next item is asked for.
      if (count === 10) await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(count).toBe(200_000)
  })

  it('again and again without a byte more is given up', async () => {
    await serve(0, Number.POSITIVE_INFINITY)
    await expect(all(reader, s3)).rejects.toMatchObject({ error: 'States.ItemReaderFailed' })
  })
})
