import { readFileSync, writeFileSync } from 'node:fs'
import type { Measurement } from './benchmark.ts'
import { figure, markdownVerdict } from './report.ts'
import type { Result } from './results.ts'

type Results = Readonly<Record<string, Result>>

/** What the README tells: a benchmark, and the beginnings of the names of its lines. */
const TOLD: readonly (readonly [name: string, unit: Measurement['unit'], starts: readonly string[]])[] = [
  ['invoke', 'ms', ['nothing, 1 connection', 'invoke, 1 connection']],
  ['invoke', '1/s', ['nothing, 16', 'invoke, 16']],
  ['peer', '1/s', ['serverless-offline, 16', 'invoke, 16']],
  ['events', '1/s', ['accepted in bulk, for', 'accepted in bulk to finished']],
  ['coldstart', 'ms', ['Node.js: bare', 'Node.js: cold', 'Python: bare', 'Python: cold']],
  ['crowd', 'ms', ['200']],
  ['logs', 'ms', ['a line']],
  ['logs', '1/s', ['lines received in batches']],
  ['steps', '1/s', ['Pass states', 'items']],
  ['steps', 'ms', ['a function task']],
  ['start', 'ms', ['npm start']],
  ['memory', 'MB', ['service, idle', 'a warm']],
]

/** The few figures that the README tells, as a Markdown table. */
export function toldFigures(results: Results): string {
  const rows = TOLD.flatMap(([name, unit, starts]) =>
    (results[name]?.lines ?? [])
      .filter((line) => line.unit === unit && starts.some((start) => line.what.startsWith(start)))
      .map((line) => `| ${name} | ${line.what} | ${figure(line.p50)} ${unit} |`),
  )
  return ['| benchmark | what | median |', '|---|---|--:|', ...rows].join('\n')
}

/** All goals and what became of them, as a Markdown table. */
export function goalsTable(results: Results, names: readonly string[]): string {
  const rows = names.flatMap((name) =>
    (results[name]?.lines ?? []).flatMap(({ what, unit, p50, p99, ratio, goal }) => {
      if (goal === null) return []
      const tail = p99 === null ? '' : `${figure(p99)} ${unit}`
      return `| ${name} | ${what} | ${figure(p50)} ${unit} | ${tail} | ${figure(ratio)} | ${goal.words} | ${markdownVerdict(goal)} |`
    }),
  )
  return ['| benchmark | what | median | p99 | ratio | goal | |', '|---|---|--:|--:|--:|---|---|', ...rows].join('\n')
}

/** Puts a text between `<!-- MARKER -->` and `<!-- /MARKER -->` of a file. Throws where it has no such place. */
export function writeBetween(file: string, marker: string, text: string): void {
  const before = readFileSync(file, 'utf8')
  const place = new RegExp(`(<!-- ${marker} -->\n)[\\s\\S]*?(<!-- /${marker} -->)`)
  if (!place.test(before)) throw new Error(`${file} has no place for ${marker}`)
  writeFileSync(
    file,
    before.replace(place, (_all, start: string, end: string) => `${start}${text}\n${end}`),
  )
}
