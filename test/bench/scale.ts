import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type pg from 'pg'
import { createPool } from '../../src/db/pool.ts'
import { motoServer, startAwsServer } from '../kit/awsServer.ts'
import type { ServiceProcess } from '../kit/serviceProcess.ts'
import { createMachine, startExecution } from '../kit/stateMachineDocuments.ts'
import type { Bench, Benchmark, Measurement } from './benchmark.ts'
import { restartBenchService, startBenchService } from './kit/benchService.ts'
import { deploy } from './kit/functions.ts'
import { runLoad } from './kit/httpLoad.ts'
import { megabytes, rates, times } from './kit/lines.ts'
import { percentile } from './kit/percentile.ts'
import { heldMegabytes } from './kit/processMemory.ts'
import { createChain, startRequest } from './kit/stateMachines.ts'

const SIZES = {
  FULL: { waiting: 20_000, chains: 6, tasks: 50, items: 100_000, settleMs: 2_000 },
  SMOKE: { waiting: 20, chains: 1, tasks: 2, items: 50, settleMs: 0 },
} as const
const CONNECTIONS = 16
const YEAR_SECONDS = 365 * 86_400
const MOST_SLOWER = 1.3
const MOST_GROWTH = 1.2
const FEWER = 10
const WATCH_MS = 250
const BUCKET = 'items'

/** What very many executions cost those that run: waits of a year, and a distributed Map over very many items. */
export const scale: Benchmark = {
  name: 'scale',
  title: 'step functions: many waiting executions, a distributed Map over many items',
  async run(bench) {
    const service = await startBenchService(bench, 'scale')
    const database = createPool(bench.postgres.url('bench_scale'), { max: 1 })
    try {
      const map = await measureMap(bench, service, database)
      const { lines, restarted } = await measureWaiting(bench, service, database)
      await restarted.stop()
      return [...lines, ...map]
    } finally {
      await database.end()
      await service.stop()
    }
  },
}

/** Milliseconds for each function task, and memory, before and after so many executions have begun to wait for a year. */
async function measureWaiting(bench: Bench, service: ServiceProcess, database: pg.Pool) {
  const { waiting, chains, tasks, settleMs } = SIZES[bench.size]
  const pause = () => new Promise((resolve) => setTimeout(resolve, settleMs))
  await deploy(service.client, 'task', 'export const handler = async () => ({})')
  const { data } = await service.client.query('{ function(functionName: "task") { functionArn } }')
  const arn = await createChain(service.client, 'tasks', { Type: 'Task', Resource: data.function.functionArn }, tasks)
  const timed = async (where: ServiceProcess) => {
    const perTaskMs: number[] = []
    for (let chain = 0; chain <= chains; chain += 1) perTaskMs.push((await timedRun(where, arn, database)) / tasks)
    return perTaskMs.slice(1)
  }
  const wait = await createMachine(service.client, 'year', {
    StartAt: 'Wait',
    States: { Wait: { Type: 'Wait', Seconds: YEAR_SECONDS, End: true } },
  })
  const before = await timed(service)
  await pause()
  const idleMb = heldMegabytes(service.child.process.pid!)
  const beganMs = performance.now()
  await runLoad(startRequest(service.url, service.token, wait), CONNECTIONS, { requests: waiting })
  const startsPerSecond = (waiting * 1000) / (performance.now() - beganMs)
  await pause()
  const waitingMb = heldMegabytes(service.child.process.pid!)
  const after = await timed(service)
  const restartedMs = performance.now()
  const restarted = await restartBenchService(bench, service, 'scale')
  const startMs = performance.now() - restartedMs
  const count = waiting.toLocaleString('en')
  const floor = percentile(before, 50)
  const lines: Measurement[] = [
    times('a function task, nothing else there', before),
    times(`a function task, ${count} executions waiting for a year`, after, floor, {
      words: `at most ${MOST_SLOWER} times`,
      isMet: percentile(after, 50) <= MOST_SLOWER * floor,
    }),
    rates('executions begun and put to rest, at 16 connections', [startsPerSecond]),
    times(`stop and start of the service, ${count} executions waiting`, [startMs]),
    megabytes('service, before they began to wait', idleMb),
    megabytes('service, while they wait', waitingMb, idleMb),
  ]
  return { lines, restarted }
}

/** Items per second, and the most memory, of a distributed Map over the lines of one object. */
async function measureMap(bench: Bench, service: ServiceProcess, database: pg.Pool): Promise<readonly Measurement[]> {
  if (motoServer === null) {
    bench.note('the distributed Map reads from S3: without moto_server it is left out')
    return []
  }
  const { items } = SIZES[bench.size]
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

/** Milliseconds of one execution. Throws where it does not succeed. */
async function timedRun(service: ServiceProcess, stateMachineArn: string, database: pg.Pool): Promise<number> {
  const { execution } = await startExecution(service.client, stateMachineArn)
  const name = execution.executionArn.split(':').at(-1)
  for (;;) {
    const { rows } = await database.query<{ status: string; ms: number }>(
      `SELECT status::text, extract(epoch FROM stopped_at - started_at)::float8 * 1000 AS ms
       FROM execution WHERE name = $1 ORDER BY id DESC LIMIT 1`,
      [name],
    )
    const { status, ms } = rows[0]!
    if (status === 'SUCCEEDED') return ms
    if (status !== 'RUNNING') throw new Error(`the execution ${name} ${status}`)
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS))
  }
}
