import type { GraphqlClient } from '../kit/graphqlClient.ts'
import type { Benchmark } from './benchmark.ts'
import { bareStart } from './kit/bareStart.ts'
import { startBenchService } from './kit/benchService.ts'
import { deploy, invokeTimed, remove } from './kit/functions.ts'
import { nodeLanguage } from './kit/languages.ts'
import { times } from './kit/lines.ts'
import { percentile } from './kit/percentile.ts'
import { timed } from './kit/timed.ts'
import { untilQuiet } from './kit/untilQuiet.ts'

const SIZES = { FULL: { crowd: 200, crowds: 3 }, SMOKE: { crowd: 4, crowds: 1 } } as const
const MOST_TIMES_BARE = 1.5
const NOTHING = 'export const handler = async () => 1'
/** Each is granted 128 MiB; a quarter of the budget may be granted to what is started ahead. */
const BUDGET = '160GiB'

/**
 * Cold invokes of as many functions at once, beside as many bare starts: at a service as it is by itself, which keeps a few
 * environments started ahead, and at one that was told to expect a crowd. What is measured is how fast they start, not how
 * many the machine would be given, so both have more memory to grant than there is.
 */
export const crowd: Benchmark = {
  name: 'crowd',
  title: 'first invokes of many functions at once, Node.js, over GraphQL',
  async run(bench) {
    const { crowd, crowds } = SIZES[bench.size]
    const node = await nodeLanguage()
    if (node === null) throw new Error('the Node.js that runs this is not found')
    const service = await startBenchService(bench, 'crowd', ['--memory-budget', BUDGET])
    const expecting = await startBenchService(bench, 'crowd_expected', [
      ...['--memory-budget', BUDGET],
      ...['--prestarted', String(crowd)],
    ])
    try {
      const bareMs: number[] = []
      const coldMs: number[] = []
      const expectedMs: number[] = []
      let refused = 0
      const invokeAll = (client: GraphqlClient, names: readonly string[]) =>
        timed(async () => {
          const outcomes = await Promise.allSettled(names.map((name) => invokeTimed(client, name)))
          refused += outcomes.filter(({ status }) => status === 'rejected').length
        })
      for (let round = 0; round < crowds; round += 1) {
        const names = Array.from({ length: crowd }, (_, index) => `crowd-${round}-${index}`)
        for (const { client } of [service, expecting]) for (const name of names) await deploy(client, name, NOTHING)
        await untilQuiet()
        bareMs.push(await timed(() => Promise.all(names.map(() => bareStart(node)))))
        coldMs.push(await invokeAll(service.client, names))
        await untilQuiet()
        expectedMs.push(await invokeAll(expecting.client, names))
        // Their environments would be kept warm, and the next round find less memory.
        for (const { client } of [service, expecting]) for (const name of names) await remove(client, name)
      }
      if (refused > 0) bench.note(`${refused} cold invokes found no room within ten seconds and were refused`)
      const floorMs = percentile(bareMs, 50)
      const goal = (timesMs: readonly number[]) => ({
        words: `all answered, in at most ${MOST_TIMES_BARE} times the floor`,
        isMet: refused === 0 && percentile(timesMs, 50) <= MOST_TIMES_BARE * floorMs,
      })
      return [
        times(`${crowd} bare starts of Node.js at once (floor)`, bareMs),
        times(`${crowd} cold invokes at once, --prestarted ${crowd}`, expectedMs, floorMs, goal(expectedMs)),
        times(`${crowd} cold invokes at once`, coldMs, floorMs, goal(coldMs)),
      ]
    } finally {
      await Promise.all([service.stop(), expecting.stop()])
    }
  },
}
