import type { Bench, Benchmark, Measurement } from './benchmark.ts'
import { startBenchService } from './kit/benchService.ts'
import { deploy, ECHO } from './kit/functions.ts'
import type { LoadRequest } from './kit/httpLoad.ts'
import { inTurns, type LoadSummary } from './kit/inTurns.ts'
import { invokeRequest } from './kit/invokeRequest.ts'
import { rates, times } from './kit/lines.ts'
import { percentile } from './kit/percentile.ts'
import { startProgram } from './kit/program.ts'

const SIZES = {
  FULL: { slices: 12, sliceMs: 1_000, warmUpMs: 3_000 },
  SMOKE: { slices: 2, sliceMs: 60, warmUpMs: 60 },
} as const

const LEAST_SHARE = 0.6
const MOST_OVER_FLOOR_MS = 1.5

/** Synchronous invokes of a warm function beside the same Apollo Server with a mutation that does nothing. */
export const invoke: Benchmark = {
  name: 'invoke',
  title: 'synchronous invoke over GraphQL, warm Node.js echo',
  async run(bench) {
    await using floor = await startProgram('apolloThatDoesNothing')
    const service = await startBenchService(bench, 'invoke')
    try {
      await deploy(service.client, 'echo', ECHO)
      const floorRequest = invokeRequest(floor.url, null, 'echo')
      const request = invokeRequest(`${service.url}/graphql`, service.token, 'echo')
      const lines: Measurement[] = []
      for (const connections of [1, 16]) lines.push(...(await measure(bench, floorRequest, request, connections)))
      return lines
    } finally {
      await service.stop()
    }
  },
}

async function measure(
  { size }: Bench,
  floorRequest: LoadRequest,
  request: LoadRequest,
  connections: number,
): Promise<readonly Measurement[]> {
  const [floor, own] = (await inTurns(
    [
      { request: floorRequest, connections },
      { request, connections },
    ],
    SIZES[size],
  )) as [LoadSummary, LoadSummary]
  const floorMs = percentile(floor.timesMs, 50)
  const overMs = percentile(own.timesMs, 50) - floorMs
  const share = percentile(own.perSecond, 50) / percentile(floor.perSecond, 50)
  const at = connections === 1 ? '1 connection' : `${connections} connections`
  return [
    times(`nothing, ${at} (floor)`, floor.timesMs),
    times(`invoke, ${at}`, own.timesMs, floorMs, {
      words: `at most ${MOST_OVER_FLOOR_MS} ms over the floor`,
      isMet: overMs <= MOST_OVER_FLOOR_MS,
    }),
    rates(`nothing, ${at} (floor)`, floor.perSecond),
    rates(`invoke, ${at}`, own.perSecond, percentile(floor.perSecond, 50), {
      words: `at least ${LEAST_SHARE} of the floor`,
      isMet: share >= LEAST_SHARE,
    }),
  ]
}
