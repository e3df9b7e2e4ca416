import type { Benchmark, Measurement } from './benchmark.ts'

/** A benchmark's table as text. */
export function table({ title, goal }: Benchmark, lines: readonly Measurement[]): string {
  const rows = [
    ['', 'p50', 'p99', 'ratio'],
    ...lines.map(({ what, unit, p50, p99, ratio }) => [
      what,
      `${p50.toFixed(2)} ${unit}`,
      `${p99.toFixed(2)} ${unit}`,
      ratio.toFixed(2),
    ]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const text = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  '),
  )
  return `${title}\n${text.map((line) => `  ${line}`).join('\n')}\n  goal: ${goal}\n`
}
