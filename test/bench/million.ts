import { setTimeout as pause } from 'node:timers/promises'
import { createPool } from '../../src/db/pool.ts'
import type { ServiceProcess } from '../kit/serviceProcess.ts'
import type { Benchmark, Measurement } from './benchmark.ts'
import { startBenchService } from './kit/benchService.ts'
import { deploy, ECHO } from './kit/functions.ts'
import { runLoad } from './kit/httpLoad.ts'
import { invokeRequest } from './kit/invokeRequest.ts'
import { megabytes } from './kit/lines.ts'
import { measureMap } from './kit/mapOverItems.ts'
import { heldMegabytes } from './kit/processMemory.ts'
import { measureWaiting } from './kit/waitingExecutions.ts'

const SIZES = {
  FULL: {
    invocations: [20_000, 100_000, 300_000, 600_000, 1_000_000],
    restMs: 30_000,
    items: 1_000_000,
    waiting: { waiting: 100_000, chains: 6, tasks: 50, settleMs: 3_000 },
  },
  SMOKE: {
    invocations: [10, 20],
    restMs: 0,
    items: 20,
    waiting: { waiting: 10, chains: 1, tasks: 2, settleMs: 0 },
  },
} as const
const CONNECTIONS = 16
const MOST_GROWTH = 1.1
const LOOK_MS = 500

/** What memory and time do over a million: invocations, items of a distributed Map, and 100,000 waiting executions. */
export const million: Benchmark = {
  name: 'million',
  title: 'a million invocations, a Map over a million items, 100,000 waiting executions',
  isLong: true,
  async run(bench) {
    const { invocations, restMs, items, waiting } = SIZES[bench.size]
    const database = createPool(bench.postgres.url('bench_million'), { max: 1 })
    let service = await startBenchService(bench, 'million')
    try {
      const invoked = await measureInvocations(service, invocations, restMs)
      const mapped = await measureMap(bench, service, database, items)
      const { lines, restarted } = await measureWaiting(bench, service, { name: 'million', database, ...waiting })
      service = restarted
      return [...invoked, ...mapped, ...lines]
    } finally {
      await database.end()
      await service.stop()
    }
  },
}

/** Garbage is collected some time after the work: what is held at rest is the least that is seen while nothing happens. */
async function heldAtRest(pid: number, restMs: number): Promise<number> {
  let leastMb = heldMegabytes(pid)
  for (let waitedMs = 0; waitedMs < restMs; waitedMs += LOOK_MS) {
    await pause(LOOK_MS)
    leastMb = Math.min(leastMb, heldMegabytes(pid))
  }
  return leastMb
}

/** The memory of the service at rest after each of these many invocations, the first being what the others are measured by. */
async function measureInvocations(
  { client, child, url, token }: ServiceProcess,
  counts: readonly number[],
  restMs: number,
): Promise<readonly Measurement[]> {
  await deploy(client, 'echo', ECHO)
  const request = invokeRequest(`${url}/graphql`, token, 'echo')
  const lines: Measurement[] = []
  let done = 0
  for (const count of counts) {
    await runLoad(request, CONNECTIONS, { requests: count - done })
    done = count
    const heldMb = await heldAtRest(child.process.pid!, restMs)
    const firstMb = lines[0]?.p50 ?? heldMb
    const goal =
      count === counts.at(-1)
        ? { words: `at most ${MOST_GROWTH} times what it was at first`, isMet: heldMb <= MOST_GROWTH * firstMb }
        : undefined
    lines.push(megabytes(`service, after ${count.toLocaleString('en')} invocations`, heldMb, firstMb, goal))
  }
  return lines
}
