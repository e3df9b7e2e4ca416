import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type pg from 'pg'
import { motoServer, startAwsServer } from '../../kit/awsServer.ts'
import type { ServiceProcess } from '../../kit/serviceProcess.ts'
import { createMachine } from '../../kit/stateMachineDocuments.ts'
import type { Bench, Measurement } from '../benchmark.ts'
import { megabytes, rates } from './lines.ts'
import { heldMegabytes } from './processMemory.ts'
import { timedRun } from './timedRun.ts'

const MOST_GROWTH = 1.2
const FEWER = 10
const WATCH_MS = 250
const BUCKET = 'items'

/** Items per second, and the most memory, of a distributed Map over the lines of one object. */
export async function measureMap(
  bench: Bench,
  service: ServiceProcess,
  database: pg.Pool,
  items: number,
): Promise<readonly Measurement[]> {
  if (motoServer === null) {
    bench.note('the distributed Map reads from S3: without moto_server it is left out')
    return []
  }
  await using aws = await startAwsServer()
  const s3 = await openBucket(aws.url, service)
  const run = async (count: number) => {
    const key = `${count}`
    const lines = Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join('')
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: lines }))
    const arn = await createMachine(service.client, `map${key}`, { StartAt: 'Each', States: { Each: mapOf(key) } })
    return watched(service, async () => (count * 1000) / (await timedRun(service, arn, database)))
  }
  const fewer = await run(items / FEWER)
  const all = await run(items)
  s3.destroy()
  return [
    rates(`items of a distributed Map over ${items.toLocaleString('en')} lines in S3`, [all.result]),
    megabytes(`service, the most while it maps ${(items / FEWER).toLocaleString('en')} items`, fewer.mostMb),
    megabytes(`service, the most while it maps ${items.toLocaleString('en')} items`, all.mostMb, fewer.mostMb, {
      words: `at most ${MOST_GROWTH} times`,
      isMet: all.mostMb <= MOST_GROWTH * fewer.mostMb,
    }),
  ]
}

/** The most memory that the service was seen to hold meanwhile. */
async function watched<Result>({ child }: ServiceProcess, work: () => Promise<Result>) {
  let mostMb = 0
  const look = () => {
    mostMb = Math.max(mostMb, heldMegabytes(child.process.pid!))
  }
  look()
  const watch = setInterval(look, WATCH_MS)
  try {
    return { result: await work(), mostMb }
  } finally {
    clearInterval(watch)
  }
}

function mapOf(key: string): object {
  return {
    Type: 'Map',
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSONL' },
      Parameters: { Bucket: BUCKET, Key: key },
    },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
      StartAt: 'Item',
      States: { Item: { Type: 'Pass', End: true } },
    },
    ResultWriter: {
      Resource: 'arn:aws:states:::s3:putObject',
      Parameters: { Bucket: BUCKET, Prefix: 'results' },
      WriterConfig: { OutputType: 'JSONL', Transformation: 'COMPACT' },
    },
    End: true,
  }
}

/** Has the account of the service call a server of AWS's protocols, with a bucket. */
async function openBucket(url: string, service: ServiceProcess): Promise<S3Client> {
  const credentials = { accessKeyId: '123456789012', secretAccessKey: 'secret' }
  const s3 = new S3Client({ region: 'us-east-1', endpoint: url, forcePathStyle: true, credentials: { ...credentials } })
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
  const { data } = await service.client.query(
    'mutation ($input: PutAwsEndpointInput!) { putAwsEndpoint(input: $input) { userErrors { message } } }',
    { input: { endpointUrl: url, ...credentials } },
  )
  if (data.putAwsEndpoint.userErrors.length > 0) throw new Error(JSON.stringify(data.putAwsEndpoint.userErrors))
  return s3
}
