import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Benchmark, Measurement } from './benchmark.ts'
import { resultsPage } from './page.ts'
import { plot } from './plot.ts'
import { goalsTable, toldFigures, writeBetween } from './summaries.ts'

/** What one benchmark came to. */
export interface Result {
  readonly title: string
  /** When, and on what: benchmarks may be run one at a time. */
  readonly measuredAt: string
  readonly machine: Machine
  readonly lines: readonly Measurement[]
  readonly notes: readonly string[]
}

export interface Machine {
  readonly node: string
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
}

/** The machine that this runs on. */
export function thisMachine(): Machine {
  return {
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
  }
}

export function resultOf({ title }: Benchmark, lines: readonly Measurement[], notes: readonly string[]): Result {
  return { title, measuredAt: new Date().toISOString(), machine: thisMachine(), lines, notes }
}

/**
 * Keeps a result in `docs/benchmarks` of an installation: in `results.json` and the page `README.md`, beside those of the
 * other benchmarks of `names`, and as a plot `NAME.svg`. What README.md and docs/performance.md tell of them is renewed.
 */
export function keepResult(installation: string, names: readonly string[], name: string, result: Result): void {
  const folder = join(installation, 'docs/benchmarks')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'results.json')
  const present = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Result>) : {}
  const all = { ...present, [name]: result }
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`)
  writeFileSync(join(folder, 'README.md'), resultsPage(all, names))
  writeBetween(join(installation, 'README.md'), 'figures', toldFigures(all))
  writeBetween(join(installation, 'docs/performance.md'), 'goals', goalsTable(all, names))
  if (result.lines.length > 0) writeFileSync(join(folder, `${name}.svg`), plot(result.title, result.lines))
}
