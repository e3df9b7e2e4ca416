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
const MOST_MAP_MB = 400
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
  await putItems(aws.url, service, items)
  const arn = await createMachine(service.client, 'many', { StartAt: 'Each', States: { Each: mapOf() } })
  const pid = service.child.process.pid!
  const idleMb = heldMegabytes(pid)
  let mostMb = idleMb
  const watch = setInterval(() => {
    mostMb = Math.max(mostMb, heldMegabytes(pid))
  }, WATCH_MS)
  try {
    const elapsedMs = await timedRun(service, arn, database)
    const count = items.toLocaleString('en')
    return [
      rates(`items of a distributed Map over ${count} lines in S3`, [(items * 1000) / elapsedMs]),
      megabytes('service, before that Map', idleMb),
      megabytes('service, the most while it runs', mostMb, idleMb, {
        words: `at most ${MOST_MAP_MB} MB, however many items`,
        isMet: mostMb <= MOST_MAP_MB,
      }),
    ]
  } finally {
    clearInterval(watch)
  }
}

function mapOf(): object {
  return {
    Type: 'Map',
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSONL' },
      Parameters: { Bucket: BUCKET, Key: 'lines' },
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

async function putItems(url: string, service: ServiceProcess, items: number): Promise<void> {
  const credentials = { accessKeyId: '123456789012', secretAccessKey: 'secret' }
  const s3 = new S3Client({ region: 'us-east-1', endpoint: url, forcePathStyle: true, credentials: { ...credentials } })
  const lines = Array.from({ length: items }, (_, n) => `{"n":${n}}\n`).join('')
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'lines', Body: lines }))
  s3.destroy()
  const { data } = await service.client.query(
    'mutation ($input: PutAwsEndpointInput!) { putAwsEndpoint(input: $input) { userErrors { message } } }',
    { input: { endpointUrl: url, ...credentials } },
  )
  if (data.putAwsEndpoint.userErrors.length > 0) throw new Error(JSON.stringify(data.putAwsEndpoint.userErrors))
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
