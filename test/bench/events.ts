import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { createPool } from '../../src/db/pool.ts'
import type { Benchmark, Measurement } from './benchmark.ts'
import { createBenchDatabase } from './kit/benchDatabase.ts'
import { startBenchService } from './kit/benchService.ts'
import { deploy, holdBack } from './kit/functions.ts'
import { fetchGraphileWorker, type GraphileWorker, startGraphileWorker } from './kit/graphileWorker.ts'
import { type LoadRequest, runLoad } from './kit/httpLoad.ts'
import { batchRequest, eventRequest } from './kit/invokeRequest.ts'
import { rates } from './kit/lines.ts'
import { percentile } from './kit/percentile.ts'

const SIZES = {
  FULL: { rounds: 5, events: 4_000, jobs: 20_000, singles: 4_000, warmUp: 2_000, batch: 1_000, batches: 12 },
  SMOKE: { rounds: 1, events: 50, jobs: 50, singles: 20, warmUp: 20, batch: 10, batches: 2 },
} as const
const CONNECTIONS = 64
/** Some are read while those before are written. */
const BATCH_CONNECTIONS = 4
const LEAST_SHARE_OF_JOBS = 0.5

const NOTHING = 'export const handler = async () => {}'

/** Asynchronous invokes, each sandboxed, beside a queue whose jobs are functions of its own process. */
export const events: Benchmark = {
  name: 'events',
  title: 'asynchronous invokes, sandboxed, that do nothing',
  async run(bench) {
    const { rounds, events, jobs, singles, warmUp, batch, batches } = SIZES[bench.size]
    const packages = await fetchGraphileWorker()
    if (packages.folder === null) {
      bench.note(`graphile-worker could not be fetched, so nothing was measured: ${packages.reason}`)
      return []
    }
    const peerUrl = await createBenchDatabase(bench.postgres, 'bench_graphile')
    const service = await startBenchService(bench, 'events')
    const database = createPool(bench.postgres.url('bench_events'), { max: 1 })
    await using worker = await startGraphileWorker(packages.folder, peerUrl)
    try {
      await deploy(service.client, 'nothing', NOTHING)
      const url = `${service.url}/graphql`
      const request = eventRequest(url, service.token, 'nothing')
      const inBulk = batchRequest(url, service.token, 'nothing', batch)
      const held = batchRequest(url, service.token, 'held', batch)
      await acceptAndFinish(request, CONNECTIONS, database, warmUp)
      await acceptAndFinish(inBulk, BATCH_CONNECTIONS, database, 2)
      await enqueueAndWork(worker, warmUp)
      const measured: Rounds = {
        accepted: [],
        acceptedInBulk: [],
        held: [],
        finished: [],
        finishedInBulk: [],
        enqueued: [],
        worked: [],
        singly: [],
      }
      for (let round = 0; round < rounds; round += 1) {
        const peer = await enqueueAndWork(worker, jobs)
        measured.enqueued.push(peer.inPerSecond)
        measured.worked.push(peer.outPerSecond)
        measured.singly.push(await enqueueSingly(worker, singles))
        const own = await acceptAndFinish(request, CONNECTIONS, database, events)
        measured.accepted.push(own.inPerSecond)
        measured.finished.push(own.outPerSecond)
        const many = await acceptAndFinish(inBulk, BATCH_CONNECTIONS, database, batches)
        measured.acceptedInBulk.push(many.inPerSecond * batch)
        measured.finishedInBulk.push(many.outPerSecond * batch)
      }
      await deploy(service.client, 'held', NOTHING)
      await holdBack(service.client, 'held')
      for (let round = 0; round < rounds; round += 1) {
        measured.enqueued.push((await enqueueAndWork(worker, jobs)).inPerSecond)
        const { perSecond } = await runLoad(held, BATCH_CONNECTIONS, { requests: batches })
        measured.held.push(perSecond * batch)
      }
      return linesOf(measured)
    } finally {
      await database.end()
      await service.stop()
    }
  },
}

/** Rates of each round, per second. */
interface Rounds {
  readonly accepted: number[]
  readonly acceptedInBulk: number[]
  /** For a function that may not run yet. */
  readonly held: number[]
  readonly finished: number[]
  readonly finishedInBulk: number[]
  readonly enqueued: number[]
  readonly worked: number[]
  readonly singly: number[]
}

interface Throughput {
  readonly inPerSecond: number
  /** From the first that was put in to the last that was done. */
  readonly outPerSecond: number
}

async function acceptAndFinish(
  request: LoadRequest,
  connections: number,
  database: pg.Pool,
  requests: number,
): Promise<Throughput> {
  const beganMs = performance.now()
  const { perSecond } = await runLoad(request, connections, { requests })
  for (;;) {
    const { rows } = await database.query('SELECT 1 FROM queued_invocation LIMIT 1')
    if (rows.length === 0) break
    await pause(5)
  }
  return { inPerSecond: perSecond, outPerSecond: (requests * 1000) / (performance.now() - beganMs) }
}

async function enqueueAndWork(worker: GraphileWorker, jobs: number): Promise<Throughput> {
  const beganMs = performance.now()
  const done = worker.done(jobs)
  await worker.enqueueInBulk(jobs)
  const inMs = performance.now() - beganMs
  await done
  return { inPerSecond: (jobs * 1000) / inMs, outPerSecond: (jobs * 1000) / (performance.now() - beganMs) }
}

async function enqueueSingly(worker: GraphileWorker, jobs: number): Promise<number> {
  const beganMs = performance.now()
  const done = worker.done(jobs)
  let sent = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (sent < jobs) {
        sent += 1
        await worker.enqueueOne()
      }
    }),
  )
  const perSecond = (sent * 1000) / (performance.now() - beganMs)
  await done
  return perSecond
}

function linesOf({
  accepted,
  acceptedInBulk,
  held,
  finished,
  finishedInBulk,
  enqueued,
  worked,
  singly,
}: Rounds): readonly Measurement[] {
  const enqueueRate = percentile(enqueued, 50)
  const jobRate = percentile(worked, 50)
  return [
    rates('graphile-worker, enqueued in bulk (peer)', enqueued),
    rates('accepted in bulk, for a function that is held back', held, enqueueRate, {
      words: 'at least the rate of the peer',
      isMet: percentile(held, 50) >= enqueueRate,
    }),
    rates('accepted in bulk, while sandboxes run what was accepted', acceptedInBulk, enqueueRate),
    rates('graphile-worker, enqueued one by one (peer)', singly),
    rates('accepted, one mutation each', accepted, percentile(singly, 50)),
    rates('graphile-worker, enqueued in bulk to done, in process (peer)', worked),
    rates('accepted in bulk to finished, sandboxed', finishedInBulk, jobRate, {
      words: `at least ${LEAST_SHARE_OF_JOBS} of the peer`,
      isMet: percentile(finishedInBulk, 50) >= LEAST_SHARE_OF_JOBS * jobRate,
    }),
    rates('accepted to finished, one mutation each', finished, jobRate),
  ]
}
