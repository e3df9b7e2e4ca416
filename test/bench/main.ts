import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../src/db/postgres/embeddedPostgres.ts'
import { BENCHMARKS } from './benchmarks.ts'
import { table } from './report.ts'

const HELP = `Usage: npm run bench [-- [--smoke] [--json] [NAME ...]]

Measures what people feel, each beside a floor or a peer in the same run.

  NAME      only these: ${BENCHMARKS.map(({ name }) => name).join(', ')}
  --smoke   small sizes, which show that it works and measure nothing
  --json    print JSON instead of tables
`

const args = process.argv.slice(2)
if (args.includes('--help')) {
  process.stdout.write(HELP)
  process.exit(0)
}
const names = args.filter((arg) => !arg.startsWith('--'))
const unknown = names.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name))
if (unknown !== undefined) {
  process.stderr.write(`there is no benchmark ${unknown}\n\n${HELP}`)
  process.exit(1)
}
const chosen = BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name))
const isJson = args.includes('--json')
if (!isJson) process.stdout.write(`Node.js ${process.version}, ${cpus().length} cores\n\n`)
for (const benchmark of chosen) {
  const folder = mkdtempSync(join(tmpdir(), 'lambdaql-bench-'))
  // PostgreSQL runs as a user of its own where root starts it.
  chmodSync(folder, 0o755)
  const report = (text: string) => process.stderr.write(`${text}\n`)
  const postgres = await startEmbeddedPostgres({ dataFolder: folder, durability: 'DURABLE', report })
  try {
    process.stderr.write(`measuring: ${benchmark.title} ...\n`)
    const lines = await benchmark.run(postgres, args.includes('--smoke') ? 'SMOKE' : 'FULL')
    process.stdout.write(`${isJson ? JSON.stringify({ name: benchmark.name, lines }) : table(benchmark, lines)}\n`)
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
