import type pg from 'pg'
import { createPool } from '../../src/db/pool.ts'
import type { ServiceProcess } from '../kit/serviceProcess.ts'
import { createChain } from '../kit/stateMachineDocuments.ts'
import type { Bench, Benchmark, Measurement } from './benchmark.ts'
import { startBenchService } from './kit/benchService.ts'
import { deploy } from './kit/functions.ts'
import { type LoadRequest, runLoad } from './kit/httpLoad.ts'
import { rates, times } from './kit/lines.ts'
import { percentile } from './kit/percentile.ts'
import { createMap, startRequest, untilAllEnded } from './kit/stateMachines.ts'

const SIZES = {
  FULL: { rounds: 5, commits: 300, executions: 40, passes: 100, chains: 8, tasks: 20, items: 10_000, maps: 3 },
  SMOKE: { rounds: 1, commits: 10, executions: 2, passes: 5, chains: 1, tasks: 2, items: 20, maps: 1 },
} as const
const CONNECTIONS = 16
const LEAST_TRANSITIONS_PER_SECOND = 5_000
const MOST_OVER_FUNCTION_MS = 2

/** Executions of state machines, durable step by step, beside what PostgreSQL can commit one after the other. */
export const steps: Benchmark = {
  name: 'steps',
  title: 'step functions: state transitions, durable',
  async run(bench) {
    const service = await startBenchService(bench, 'steps')
    const database = createPool(bench.postgres.url('bench_steps'), { max: 1 })
    try {
      await database.query('CREATE TABLE bench_commit (id int GENERATED ALWAYS AS IDENTITY, body text)')
      const commitMs: number[] = []
      const passes = await measurePasses(bench, service, database, commitMs)
      const tasks = await measureTasks(bench, service, database, commitMs)
      const items = await measureMap(bench, service, database)
      const floorMs = percentile(commitMs, 50)
      return linesOf({ commitMs, passes, tasks, items, floorMs }, bench)
    } finally {
      await database.end()
      await service.stop()
    }
  },
}

/** Transitions per second of chains of Pass states, sixteen started at a time; the floor is measured in between. */
async function measurePasses(
  { size }: Bench,
  service: ServiceProcess,
  database: pg.Pool,
  commitMs: number[],
): Promise<readonly number[]> {
  const { rounds, commits, executions, passes } = SIZES[size]
  const arn = await createChain(service.client, 'passes', { Type: 'Pass' }, passes)
  const request = startRequest(service.url, service.token, arn)
  await runAll(request, executions, database)
  const perSecond: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (let commit = 0; commit < commits; commit += 1) commitMs.push(await timedCommit(database))
    perSecond.push((executions * passes * 1000) / (await runAll(request, executions, database)))
  }
  return perSecond
}

/** Milliseconds that a task takes longer than its function, of one execution after the other. */
async function measureTasks(
  { size }: Bench,
  service: ServiceProcess,
  database: pg.Pool,
  commitMs: number[],
): Promise<readonly number[]> {
  const { commits, chains, tasks } = SIZES[size]
  await deploy(service.client, 'task', 'export const handler = async () => ({})')
  const { data } = await service.client.query('{ function(functionName: "task") { functionArn } }')
  const arn = await createChain(service.client, 'tasks', { Type: 'Task', Resource: data.function.functionArn }, tasks)
  const request = startRequest(service.url, service.token, arn)
  await runAll(request, 1, database)
  const overMs: number[] = []
  for (let chain = 0; chain < chains; chain += 1) {
    for (let commit = 0; commit < commits / 10; commit += 1) commitMs.push(await timedCommit(database))
    await database.query('DELETE FROM attempt')
    await runAll(request, 1, database)
    const { rows } = await database.query<{ totalMs: number; ownMs: number }>(
      `SELECT extract(epoch FROM stopped_at - started_at)::float8 * 1000 AS "totalMs",
              (SELECT sum(duration_us)::float8 / 1000 FROM attempt) AS "ownMs"
       FROM execution ORDER BY id DESC LIMIT 1`,
    )
    overMs.push((rows[0]!.totalMs - rows[0]!.ownMs) / tasks)
  }
  return overMs
}

/** Items per second of a distributed Map. */
async function measureMap({ size }: Bench, service: ServiceProcess, database: pg.Pool): Promise<readonly number[]> {
  const { items, maps } = SIZES[size]
  const arn = await createMap(service.client, 'map')
  const all = startRequest(service.url, service.token, arn, { items: Array.from({ length: items }, (_, n) => n) })
  await runAll(startRequest(service.url, service.token, arn, { items: [1, 2, 3] }), 1, database)
  const perSecond: number[] = []
  for (let map = 0; map < maps; map += 1) perSecond.push((items * 1000) / (await runAll(all, 1, database)))
  return perSecond
}

/** Milliseconds from the first start to the end of the last execution. */
async function runAll(request: LoadRequest, executions: number, database: pg.Pool): Promise<number> {
  const beganMs = performance.now()
  await runLoad(request, Math.min(CONNECTIONS, executions), { requests: executions })
  await untilAllEnded(database)
  return performance.now() - beganMs
}

async function timedCommit(database: pg.Pool): Promise<number> {
  const beganMs = performance.now()
  await database.query({ name: 'bench_commit', text: "INSERT INTO bench_commit (body) VALUES ('a transition')" })
  return performance.now() - beganMs
}

interface Measured {
  readonly commitMs: readonly number[]
  readonly passes: readonly number[]
  readonly tasks: readonly number[]
  readonly items: readonly number[]
  readonly floorMs: number
}

function linesOf({ commitMs, passes, tasks, items, floorMs }: Measured, { size }: Bench): readonly Measurement[] {
  const commitsPerSecond = 1000 / floorMs
  const count = SIZES[size].items.toLocaleString('en')
  return [
    times('a PostgreSQL commit of one row (floor)', commitMs),
    times("a function task, over the function's own time", tasks, floorMs, {
      words: `at most ${MOST_OVER_FUNCTION_MS} ms`,
      isMet: percentile(tasks, 50) <= MOST_OVER_FUNCTION_MS,
    }),
    rates('PostgreSQL commits, one after the other (floor)', [commitsPerSecond]),
    rates(`Pass states, in chains of ${SIZES[size].passes}`, passes, commitsPerSecond, {
      words: `at least ${LEAST_TRANSITIONS_PER_SECOND.toLocaleString('en')} per second`,
      isMet: percentile(passes, 50) >= LEAST_TRANSITIONS_PER_SECOND,
    }),
    rates(`items of a distributed Map of ${count}, an express execution each`, items, commitsPerSecond),
  ]
}
