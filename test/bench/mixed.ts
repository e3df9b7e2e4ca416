import type { Benchmark } from './benchmark.ts'
import { startBenchService } from './kit/benchService.ts'
import { deploy, ECHO } from './kit/functions.ts'
import { inTurns, type LoadSummary } from './kit/inTurns.ts'
import { invokeRequest } from './kit/invokeRequest.ts'
import { rates, times } from './kit/lines.ts'
import { percentile } from './kit/percentile.ts'

const SIZES = {
  FULL: { functions: 100, slices: 8, sliceMs: 1_000, warmUpMs: 8_000 },
  SMOKE: { functions: 3, slices: 1, sliceMs: 60, warmUpMs: 60 },
} as const
const CONNECTIONS = 16
const LEAST_SHARE = 0.8

/** A hundred functions called in turns, beside one. */
export const mixed: Benchmark = {
  name: 'mixed',
  title: 'many functions in turns, warm Node.js echo, 16 connections',
  async run(bench) {
    const { functions } = SIZES[bench.size]
    const service = await startBenchService(bench, 'mixed')
    try {
      const names = Array.from({ length: functions }, (_, index) => `echo-${index}`)
      for (const name of names) await deploy(service.client, name, ECHO)
      const requests = names.map((name) => invokeRequest(`${service.url}/graphql`, service.token, name))
      const [one, many] = (await inTurns(
        [
          { request: requests[0]!, connections: CONNECTIONS },
          { request: requests, connections: CONNECTIONS },
        ],
        SIZES[bench.size],
      )) as [LoadSummary, LoadSummary]
      const oneRate = percentile(one.perSecond, 50)
      return [
        times('one function (floor)', one.timesMs),
        times(`${functions} functions`, many.timesMs, percentile(one.timesMs, 50)),
        rates('one function (floor)', one.perSecond),
        rates(`${functions} functions`, many.perSecond, oneRate, {
          words: `at least ${LEAST_SHARE} of the floor`,
          isMet: percentile(many.perSecond, 50) >= LEAST_SHARE * oneRate,
        }),
      ]
    } finally {
      await service.stop()
    }
  },
}
