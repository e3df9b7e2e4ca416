import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { GraphqlClient } from '../kit/graphqlClient.ts'
import type { Bench, Benchmark, Measurement } from './benchmark.ts'
import { startBenchService } from './kit/benchService.ts'
import { deploy, deployLanguage, invokeTimed, isProvisioned, provision } from './kit/functions.ts'
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
  FULL: { starts: 15, provisioned: 10, crowd: 200, crowds: 3 },
  SMOKE: { starts: 1, provisioned: 1, crowd: 4, crowds: 1 },
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
      lines.push(...(await measureCrowd(bench, ahead.client, languages[0]!)))
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
    bareMs.push(await bareStart(language))
    coldMs.push(await invokeTimed(cold, functionName(index)))
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

async function measureCrowd(
  { size, note }: Bench,
  client: GraphqlClient,
  node: Language,
): Promise<readonly Measurement[]> {
  const { crowd, crowds } = SIZES[size]
  const bareMs: number[] = []
  const coldMs: number[] = []
  let refused = 0
  for (let round = 0; round < crowds; round += 1) {
    const names = Array.from({ length: crowd }, (_, index) => `crowd-${round}-${index}`)
    for (const name of names) await deploy(client, name, 'export const handler = async () => 1')
    bareMs.push(await timed(() => Promise.all(names.map(() => bareStart(node)))))
    coldMs.push(
      await timed(async () => {
        const outcomes = await Promise.allSettled(names.map((name) => invokeTimed(client, name)))
        refused += outcomes.filter(({ status }) => status === 'rejected').length
      }),
    )
  }
  if (refused > 0)
    note(`of ${crowd * crowds} cold invokes, ${refused} found no room within ten seconds and were refused`)
  const floorMs = percentile(bareMs, 50)
  return [
    times(`${crowd} bare starts of Node.js at once (floor)`, bareMs),
    times(`${crowd} cold invokes of as many functions at once`, coldMs, floorMs, {
      words: `all answered, in at most ${MOST_TIMES_BARE} times the floor`,
      isMet: refused === 0 && percentile(coldMs, 50) <= MOST_TIMES_BARE * floorMs,
    }),
  ]
}

/** From the order to the end of a program that does nothing. */
function bareStart({ bare }: Language): Promise<number> {
  return timed(
    () =>
      new Promise((resolve, reject) => {
        // Without variables of this machine's, as in a sandbox: some make an interpreter read files at its start.
        const child = spawn(bare.program, bare.args, { stdio: 'ignore', env: {} })
        child.once('error', reject)
        child.once('close', (code) => {
          if (code === 0) resolve(null)
          else reject(new Error(`${bare.program} ended with ${code}`))
        })
      }),
  )
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now()
  await work()
  return performance.now() - beganMs
}
