import { createRequire } from 'node:module'
import { join } from 'node:path'
import type pg from 'pg'
import { type Peer, peerPackages } from './peerPackages.ts'

/** A queue of graphile-worker, and a worker in this process whose job does nothing. */
export interface GraphileWorker extends AsyncDisposable {
  /** Enqueues with as few statements as it can. */
  enqueueInBulk(count: number): Promise<void>
  enqueueOne(): Promise<void>
  /** Resolves when so many more jobs than at the call have been done; call it before they are enqueued. */
  done(count: number): Promise<void>
}

// The last versions that run on Node.js 20.
const PACKAGES = { 'graphile-worker': '0.17.3' }

/** What is used of it. */
interface Library {
  run(options: object): Promise<{ stop(): Promise<void> }>
  makeWorkerUtils(options: object): Promise<{
    migrate(): Promise<void>
    addJob(task: string, payload: object): Promise<unknown>
    addJobs(jobs: readonly object[]): Promise<unknown>
    release(): Promise<void>
  }>
  Logger: new (factory: () => () => void) => object
}

const LARGEST_BATCH = 1_000

/** Fetches it where it is missing. */
export function fetchGraphileWorker(): Promise<Peer> {
  return peerPackages('graphile-worker', PACKAGES, { mayFetch: true })
}

/** Starts it on an empty database, set up as its own guide to performance has it. */
export async function startGraphileWorker(packages: string, connectionString: string): Promise<GraphileWorker> {
  const load = createRequire(join(packages, 'package.json'))
  const library = load('graphile-worker') as Library
  const { Pool } = createRequire(load.resolve('graphile-worker'))('pg') as typeof pg
  const pgPool = new Pool({ connectionString, max: 10 })
  // The server may say goodbye to a connection that is just being closed.
  pgPool.on('error', () => undefined)
  pgPool.on('connect', (client) => client.on('error', () => undefined))
  const logger = new library.Logger(() => () => undefined)
  const utils = await library.makeWorkerUtils({ pgPool, logger })
  await utils.migrate()
  let completed = 0
  let waiting: { until: number; resolve: () => void } | null = null
  const nothing = async () => {
    completed += 1
    if (waiting !== null && completed >= waiting.until) waiting.resolve()
  }
  const worker = await library.run({
    pgPool,
    logger,
    noHandleSignals: true,
    taskList: { nothing },
    preset: {
      worker: { concurrentJobs: 24, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    },
  })
  return {
    async enqueueInBulk(count) {
      for (let left = count; left > 0; left -= LARGEST_BATCH) {
        const jobs = Array.from({ length: Math.min(left, LARGEST_BATCH) }, () => ({
          identifier: 'nothing',
          payload: {},
        }))
        await utils.addJobs(jobs)
      }
    },
    async enqueueOne() {
      await utils.addJob('nothing', {})
    },
    done(count) {
      const until = completed + count
      return new Promise((resolve) => {
        waiting = { until, resolve }
      })
    },
    async [Symbol.asyncDispose]() {
      await worker.stop()
      await utils.release()
      await pgPool.end()
    },
  }
}
