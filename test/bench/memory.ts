import { setTimeout as pause } from 'node:timers/promises'
import type { Benchmark } from './benchmark.ts'
import { restartBenchService, startBenchService } from './kit/benchService.ts'
import { deploy, ECHO } from './kit/functions.ts'
import { runLoad } from './kit/httpLoad.ts'
import { invokeRequest } from './kit/invokeRequest.ts'
import { megabytes } from './kit/lines.ts'
import { descendants, heldMegabytes, heldTogetherMegabytes } from './kit/processMemory.ts'

const SIZES = {
  FULL: { first: 20_000, rest: 40_000, settleMs: 12_000 },
  SMOKE: { first: 20, rest: 20, settleMs: 0 },
} as const
const CONNECTIONS = 16
const MOST_IDLE_MB = 150
const MOST_GROWTH = 1.1

/** What the service holds: at rest, for each environment that it keeps warm, and after many invocations. */
export const memory: Benchmark = {
  name: 'memory',
  title: 'memory of the service process and of its environments',
  async run(bench) {
    const { first, rest, settleMs } = SIZES[bench.size]
    if (process.platform !== 'linux') {
      bench.note('memory is measured on Linux only')
      return []
    }
    const invocations = (first + rest).toLocaleString('en')
    bench.note(`growth is measured over ${invocations} invocations here, and over a million by the benchmark million`)
    // The very first start also loads what sets a database up; the one that people have is a later one.
    const service = await restartBenchService(bench, await startBenchService(bench, 'memory'), 'memory')
    try {
      const pid = service.child.process.pid!
      await pause(settleMs)
      const idle = heldMegabytes(pid)
      await deploy(service.client, 'echo', ECHO)
      const request = invokeRequest(`${service.url}/graphql`, service.token, 'echo')
      await runLoad(request, CONNECTIONS, { requests: first })
      await pause(settleMs)
      const afterFirst = heldMegabytes(pid)
      // Two processes of each sandbox are bubblewrap's.
      const sandboxes = descendants(pid)
      const environments = heldTogetherMegabytes(sandboxes) / CONNECTIONS
      await runLoad(request, CONNECTIONS, { requests: rest })
      await pause(settleMs)
      const afterRest = heldMegabytes(pid)
      return [
        megabytes('service, idle', idle, idle, {
          words: `at most ${MOST_IDLE_MB} MB`,
          isMet: idle <= MOST_IDLE_MB,
        }),
        megabytes('a warm Node.js environment, with its sandbox', environments, idle),
        megabytes(`service, after ${first.toLocaleString('en')} invocations`, afterFirst, idle),
        megabytes(`service, after ${invocations} invocations`, afterRest, idle, {
          words: `at most ${MOST_GROWTH} times what it was after ${first.toLocaleString('en')}`,
          isMet: afterRest <= MOST_GROWTH * afterFirst,
        }),
      ]
    } finally {
      await service.stop()
    }
  },
}
