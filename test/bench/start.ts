import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../src/db/postgres/embeddedPostgres.ts'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'
import { startChild } from '../kit/childProcess.ts'
import { TEST_CACHE_FOLDER } from '../kit/testConfig.ts'
import type { Benchmark, BenchmarkSize } from './benchmark.ts'
import { benchScript } from './kit/benchService.ts'
import { times } from './kit/lines.ts'
import { percentile } from './kit/percentile.ts'

const ROUNDS = { FULL: 7, SMOKE: 1 } as const
const MOST_MS = 2_000

/** `npm start` on data that is there, to the first answer, beside the start of the PostgreSQL that is within it. */
export const start: Benchmark = {
  name: 'start',
  title: 'start on existing data, to the first answer',
  async run({ folder, size }) {
    const [postgresFolder, serviceFolder] = ['postgres', 'service'].map((name) => {
      const path = join(folder, name)
      mkdirSync(path)
      chmodSync(path, 0o755)
      return path
    }) as [string, string]
    const command = await commandOf(size)
    await postgresStart(postgresFolder)
    await serviceStart(command, serviceFolder)
    const postgresMs: number[] = []
    const serviceMs: number[] = []
    for (let round = 0; round < ROUNDS[size]; round += 1) {
      postgresMs.push(await postgresStart(postgresFolder))
      serviceMs.push(await serviceStart(command, serviceFolder))
    }
    return [
      times('PostgreSQL (floor)', postgresMs),
      times('npm start', serviceMs, percentile(postgresMs, 50), {
        words: `at most ${MOST_MS.toLocaleString('en')} ms`,
        isMet: percentile(serviceMs, 50) <= MOST_MS,
      }),
    ]
  },
}

interface StartCommand {
  readonly program: string
  readonly args: readonly string[]
}

/** The tests have built nothing that `npm start` could start at once. */
async function commandOf(size: BenchmarkSize): Promise<StartCommand> {
  if (size === 'FULL') return { program: 'npm', args: ['start', '--silent', '--'] }
  return { program: process.execPath, args: [await benchScript()] }
}

/** From the order to the first answer, in milliseconds; then it is stopped again. */
async function postgresStart(dataFolder: string): Promise<number> {
  const beganMs = performance.now()
  const postgres = await startEmbeddedPostgres({ dataFolder, report: console.error })
  const client = new pg.Client({ connectionString: postgres.url('postgres') })
  await client.connect()
  await client.query('SELECT 1')
  const tookMs = performance.now() - beganMs
  await client.end()
  await postgres.stop()
  return tookMs
}

async function serviceStart({ program, args }: StartCommand, dataFolder: string): Promise<number> {
  const options = ['--data-dir', dataFolder, '--cache-dir', TEST_CACHE_FOLDER, '--port', '0', '--log-level', 'error']
  const beganMs = performance.now()
  const child = startChild(program, [...args, ...options], { cwd: INSTALLATION_FOLDER })
  const [, url, token] = await child.says(/LambdaQL is ready: (http:\S+?)\/\?token=(\S+)\s/)
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ functions { nodes { functionName } } }' }),
  })
  if (!answer.ok) throw new Error(await answer.text())
  const tookMs = performance.now() - beganMs
  child.process.kill('SIGTERM')
  await child.ended
  return tookMs
}
