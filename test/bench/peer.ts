import { join } from 'node:path'
import type { Benchmark, Measurement } from './benchmark.ts'
import { startBenchService } from './kit/benchService.ts'
import { deploy, ECHO } from './kit/functions.ts'
import { inTurns, type LoadSummary } from './kit/inTurns.ts'
import { ECHOED, invokeRequest } from './kit/invokeRequest.ts'
import { rates, times } from './kit/lines.ts'
import { percentile } from './kit/percentile.ts'
import { fetchServerlessOffline, startServerlessOffline } from './kit/serverlessOffline.ts'

const SIZES = {
  FULL: { slices: 8, sliceMs: 1_000, warmUpMs: 3_000 },
  SMOKE: { slices: 1, sliceMs: 60, warmUpMs: 60 },
} as const

const LEAST_TIMES = 4
const MOST_SHARE_OF_TIME = 0.5

/** The same handler, invoked at a peer that developers run on their machines: without isolation, and keeping nothing. */
export const peer: Benchmark = {
  name: 'peer',
  title: 'the same handler at serverless-offline',
  async run(bench) {
    const packages = await fetchServerlessOffline(bench.size === 'FULL')
    if (packages.folder === null) {
      bench.note(`serverless-offline is not there, so nothing was measured: ${packages.reason}`)
      return []
    }
    await using offline = await startServerlessOffline(packages.folder, join(bench.folder, 'offline'), ECHO)
    const service = await startBenchService(bench, 'peer')
    try {
      await deploy(service.client, 'echo', ECHO)
      const request = invokeRequest(`${service.url}/graphql`, service.token, 'echo')
      const theirs = { url: offline.url, headers: {}, body: ECHOED, expects: ECHOED }
      const lines: Measurement[] = []
      for (const connections of [1, 16]) {
        const loads = [theirs, request].map((each) => ({ request: each, connections }))
        const [peer, own] = (await inTurns(loads, SIZES[bench.size])) as [LoadSummary, LoadSummary]
        lines.push(...linesOf(connections, peer, own))
      }
      return lines
    } finally {
      await service.stop()
    }
  },
}

function linesOf(connections: number, peer: LoadSummary, own: LoadSummary): readonly Measurement[] {
  const at = connections === 1 ? '1 connection' : `${connections} connections`
  const peerMs = percentile(peer.timesMs, 50)
  const peerRate = percentile(peer.perSecond, 50)
  return [
    times(`serverless-offline, ${at} (peer)`, peer.timesMs),
    times(`invoke, ${at}`, own.timesMs, peerMs, {
      words: `at most ${MOST_SHARE_OF_TIME} of the peer`,
      isMet: percentile(own.timesMs, 50) <= MOST_SHARE_OF_TIME * peerMs,
    }),
    rates(`serverless-offline, ${at} (peer)`, peer.perSecond),
    rates(`invoke, ${at}`, own.perSecond, peerRate, {
      words: `at least ${LEAST_TIMES} times the peer`,
      isMet: percentile(own.perSecond, 50) >= LEAST_TIMES * peerRate,
    }),
  ]
}
