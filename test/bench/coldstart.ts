import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { GraphqlClient } from '../kit/graphqlClient.ts'
import type { Bench, Benchmark, Measurement } from './benchmark.ts'
import { bareStart } from './kit/bareStart.ts'
import { startBenchService } from './kit/benchService.ts'
import { deployLanguage, invokeTimed, isProvisioned, provision } from './kit/functions.ts'
import {
  csharpLanguage,
  goLanguage,
  javaLanguage,
  type Language,
  nodeLanguage,
  pythonLanguage,
} from './kit/languages.ts'
import { times } from './kit/lines.ts'
import { percentile } from './kit/percentile.ts'

const SIZES = {
  FULL: { starts: 15, provisioned: 10, settleMs: 400 },
  SMOKE: { starts: 1, provisioned: 1, settleMs: 0 },
} as const
const MOST_TIMES_BARE = 1.5
const MOST_STARTED_AHEAD_MS = 30
const GOAL_AHEAD: ReadonlySet<string> = new Set(['Node.js', 'Python'])

/**
 * First invokes of functions, over GraphQL, beside bare starts of what runs them: at a service that starts environments
 * before they are needed, as it does by itself, and at one that is told not to.
 */
export const coldstart: Benchmark = {
  name: 'coldstart',
  title: 'cold starts: the first invoke of a function, over GraphQL',
  async run(bench) {
    const languages = await availableLanguages(bench)
    // What is measured is how fast they start, not how many the machine would be given: each takes a tenth of its memory.
    const ahead = await startBenchService(bench, 'coldstart', ['--memory-budget', '64GiB'])
    const cold = await startBenchService(bench, 'coldstart_cold', ['--prestarted', '0'])
    try {
      const lines: Measurement[] = []
      for (const language of languages) {
        lines.push(...(await measureLanguage(bench, { ahead: ahead.client, cold: cold.client }, language)))
      }
      for (const language of languages.filter(({ name }) => GOAL_AHEAD.has(name))) {
        lines.push(await measureProvisioned(bench, ahead.client, language))
      }
      return lines
    } finally {
      await Promise.all([ahead.stop(), cold.stop()])
    }
  },
}

async function availableLanguages({ folder, size, note }: Bench): Promise<readonly Language[]> {
  const compiled = {
    Java: () => javaLanguage(join(folder, 'java')),
    Go: () => goLanguage(join(folder, 'go')),
    'C#': () => csharpLanguage(join(folder, 'csharp')),
  }
  // Compiling them takes longer than the tests have for this.
  const makers = { 'Node.js': nodeLanguage, Python: pythonLanguage, ...(size === 'FULL' ? compiled : {}) }
  const found: Language[] = []
  for (const [name, make] of Object.entries(makers)) {
    const language = await make()
    if (language === null) note(`${name} is not on this machine and was not measured`)
    else found.push(language)
  }
  return found
}

/** The services that are compared: one starts environments ahead, one does not. */
interface Clients {
  readonly ahead: GraphqlClient
  readonly cold: GraphqlClient
}

async function measureLanguage(
  { size }: Bench,
  { ahead, cold }: Clients,
  language: Language,
): Promise<readonly Measurement[]> {
  const { name } = language
  const { settleMs } = SIZES[size]
  const functionName = (index: number) => `cold-${language.runtime}-${index}`
  for (const client of [ahead, cold]) {
    for (let index = 0; index <= SIZES[size].starts; index += 1) {
      await deployLanguage(client, functionName(index), language)
    }
    // The first one compiles what the service brings along for a language, once for all.
    await invokeTimed(client, functionName(0))
  }
  await bareStart(language)
  const bareMs: number[] = []
  const coldMs: number[] = []
  const aheadMs: number[] = []
  for (let index = 1; index <= SIZES[size].starts; index += 1) {
    // What the services start again of what was taken should not be measured with the next one.
    await pause(settleMs)
    bareMs.push(await bareStart(language))
    coldMs.push(await invokeTimed(cold, functionName(index)))
    await pause(settleMs)
    aheadMs.push(await invokeTimed(ahead, functionName(index)))
  }
  const floorMs = percentile(bareMs, 50)
  const goalAhead = {
    words: `at most ${MOST_STARTED_AHEAD_MS} ms`,
    isMet: percentile(aheadMs, 50) <= MOST_STARTED_AHEAD_MS,
  }
  return [
    times(`${name}: bare start (floor)`, bareMs),
    times(`${name}: cold, nothing started ahead`, coldMs, floorMs, {
      words: `at most ${MOST_TIMES_BARE} times the floor`,
      isMet: percentile(coldMs, 50) <= MOST_TIMES_BARE * floorMs,
    }),
    times(`${name}: cold, started ahead`, aheadMs, floorMs, GOAL_AHEAD.has(name) ? goalAhead : null),
  ]
}

/** First invokes of provisioned environments; the ratio is to nothing but itself. */
async function measureProvisioned({ size }: Bench, client: GraphqlClient, language: Language): Promise<Measurement> {
  const names = Array.from({ length: SIZES[size].provisioned }, (_, index) => `ahead-${language.runtime}-${index}`)
  for (const name of names) {
    await deployLanguage(client, name, language)
    await provision(client, name)
  }
  const timesMs: number[] = []
  for (const name of names) {
    while (!(await isProvisioned(client, name))) await pause(50)
    timesMs.push(await invokeTimed(client, name, '1'))
  }
  return times(`${language.name}: first invoke, provisioned`, timesMs)
}
