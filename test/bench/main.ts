import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../src/db/postgres/embeddedPostgres.ts'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'
import type { Benchmark, BenchmarkSize } from './benchmark.ts'
import { BENCHMARKS } from './benchmarks.ts'
import { figure, table } from './report.ts'
import { keepResult, type Result, resultOf, thisMachine } from './results.ts'

const NAMES = BENCHMARKS.map(({ name }) => name)
const LONG = BENCHMARKS.filter(({ isLong }) => isLong === true).map(({ name }) => name)
const HELP = `Usage: npm run bench [-- [--smoke] [--json] [--profile] [NAME ...]]

Measures what people feel, each beside a floor or a peer in the same run. Figures and plots are kept in docs/benchmarks,
and those that README.md and docs/performance.md tell are renewed there.

  NAME      only these: ${NAMES.join(', ')};
            ${LONG.join(', ')} takes half an hour and runs only where it is named
  --smoke   small sizes, which show that it works, measure nothing and are not kept
  --json    print JSON instead of tables
  --profile write CPU profiles of the service into .cache/profiles; the figures are then not kept
`
const OPTIONS = ['--smoke', '--json', '--profile']

const args = process.argv.slice(2)
if (args.includes('--help')) {
  process.stdout.write(HELP)
  process.exit(0)
}
const names = args.filter((arg) => !OPTIONS.includes(arg))
const unknown = names.find((name) => !NAMES.includes(name))
if (unknown !== undefined) {
  process.stderr.write(`there is no benchmark ${unknown}\n\n${HELP}`)
  process.exit(1)
}
const isJson = args.includes('--json')
const size: BenchmarkSize = args.includes('--smoke') ? 'SMOKE' : 'FULL'
const profiles = args.includes('--profile') ? join(INSTALLATION_FOLDER, '.cache/profiles') : null
const say = (text: string) => process.stderr.write(`${text}\n`)

const { node, processor, cores, memoryGiB } = thisMachine()
if (!isJson) process.stdout.write(`Node.js ${node}, ${cores} cores (${processor}), ${memoryGiB} GiB\n\n`)
// Later ones would find the load of those before them.
const loadBefore = loadavg()[0]!
for (const benchmark of BENCHMARKS) {
  if (names.length > 0 ? !names.includes(benchmark.name) : benchmark.isLong === true) continue
  say(`measuring: ${benchmark.title} ...`)
  const result = await measure(benchmark)
  const { lines, notes } = result
  process.stdout.write(
    `${isJson ? JSON.stringify({ name: benchmark.name, ...result }) : table(benchmark, lines, notes)}\n`,
  )
  if (size === 'FULL' && profiles === null) keepResult(INSTALLATION_FOLDER, NAMES, benchmark.name, result)
}
process.exit(0)

async function measure(benchmark: Benchmark): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'lambdaql-bench-'))
  // PostgreSQL runs as a user of its own where root starts it.
  chmodSync(folder, 0o755)
  const own = join(folder, 'own')
  mkdirSync(own)
  const notes: string[] = []
  if (loadBefore > 2 * cores) {
    notes.push(`other programs were busy: a load average of ${figure(loadBefore)} on ${cores} cores before the run`)
  }
  const postgres = await startEmbeddedPostgres({ dataFolder: folder, durability: 'DURABLE', report: say })
  try {
    const lines = await benchmark.run({
      postgres,
      size,
      folder: own,
      profiles,
      note: (sentence) => notes.push(sentence),
    })
    return resultOf(benchmark, lines, notes)
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
