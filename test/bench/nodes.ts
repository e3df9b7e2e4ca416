import { cpus } from 'node:os'
import type { Benchmark } from './benchmark.ts'
import { joinBenchService, startBenchService } from './kit/benchService.ts'
import { deploy, ECHO } from './kit/functions.ts'
import { inTurns, type LoadSummary } from './kit/inTurns.ts'
import { invokeRequest } from './kit/invokeRequest.ts'
import { rates, times } from './kit/lines.ts'
import { percentile } from './kit/percentile.ts'

const SIZES = {
  FULL: { slices: 8, sliceMs: 1_000, warmUpMs: 3_000 },
  SMOKE: { slices: 1, sliceMs: 60, warmUpMs: 60 },
} as const
const CONNECTIONS = 16
const LEAST_TIMES = 1.7
/** Of each node a core for itself, and some for PostgreSQL, the sandboxes and whoever asks. */
const CORES_NEEDED = 8

/** Two services on one database, beside one of them alone. */
export const nodes: Benchmark = {
  name: 'nodes',
  title: `two nodes on one database, warm Node.js echo, 16 connections, on ${cpus().length} cores`,
  async run(bench) {
    const service = await startBenchService(bench, 'nodes')
    const second = await joinBenchService(bench, 'nodes_second', 'nodes')
    try {
      if (cpus().length < CORES_NEEDED) {
        bench.note(
          `one node already has all ${cpus().length} cores busy: what a second one gains shows on ${CORES_NEEDED}`,
        )
      }
      await deploy(service.client, 'echo', ECHO)
      const [first, other] = [service.url, second.url].map((url) =>
        invokeRequest(`${url}/graphql`, service.token, 'echo'),
      ) as [ReturnType<typeof invokeRequest>, ReturnType<typeof invokeRequest>]
      const [one, two] = (await inTurns(
        [
          { request: first, connections: CONNECTIONS },
          { request: [first, other], connections: CONNECTIONS },
        ],
        SIZES[bench.size],
      )) as [LoadSummary, LoadSummary]
      const oneRate = percentile(one.perSecond, 50)
      return [
        times('one node (floor)', one.timesMs),
        times('two nodes', two.timesMs, percentile(one.timesMs, 50)),
        rates('one node (floor)', one.perSecond),
        rates('two nodes', two.perSecond, oneRate, {
          words: `at least ${LEAST_TIMES} times the floor, where cores allow`,
          isMet: cpus().length < CORES_NEEDED ? null : percentile(two.perSecond, 50) >= LEAST_TIMES * oneRate,
        }),
      ]
    } finally {
      await second.stop()
      await service.stop()
    }
  },
}
