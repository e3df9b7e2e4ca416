import type { Benchmark, Goal, Measurement } from './benchmark.ts'

/** A benchmark's table as text. */
export function table({ title }: Benchmark, lines: readonly Measurement[], notes: readonly string[] = []): string {
  const rows = [
    ['', 'p50', 'p99', 'ratio', 'goal'],
    ...lines.map(({ what, unit, p50, p99, ratio, goal }) => [
      what,
      `${figure(p50)} ${unit}`,
      p99 === null ? '' : `${figure(p99)} ${unit}`,
      figure(ratio),
      goal === null ? '' : `${verdict(goal)}: ${goal.words}`,
    ]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const isText = (column: number) => column === 0 || column === widths.length - 1
  const text = rows.map((row) =>
    row
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  '),
  )
  return `${[title, ...text.map((line) => `  ${line}`.trimEnd()), ...notes.map((note) => `  note: ${note}`)].join('\n')}\n`
}

/** What became of a goal, in a word or two. */
export function verdict({ isMet }: Goal): string {
  if (isMet === null) return 'cannot be told here'
  return isMet ? 'met' : 'missed'
}

/** The same in Markdown, where what was missed stands out. */
export function markdownVerdict(goal: Goal): string {
  return goal.isMet === false ? '**missed**' : verdict(goal)
}

/** A number with as many places as tell something: 0.412, 3.14, 12.3, 4,567. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3)
}
