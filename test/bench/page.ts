import type { Measurement } from './benchmark.ts'
import { figure, markdownVerdict } from './report.ts'
import type { Result } from './results.ts'

/** The page with all results that are kept, as Markdown: a table and a plot for each, in the order in which they run. */
export function resultsPage(results: Readonly<Record<string, Result>>, names: readonly string[]): string {
  const parts = names.flatMap((name) => {
    const result = results[name]
    return result === undefined ? [] : section(name, result)
  })
  return `# Benchmarks\nWritten by \`npm run bench\`; [what the figures mean](../performance.md).\n${parts.join('\n')}`
}

function section(name: string, { title, measuredAt, machine, lines, notes }: Result): string {
  const { node, processor, cores, memoryGiB } = machine
  return [
    `\n## ${name}: ${title}`,
    `${measuredAt.slice(0, 16).replace('T', ' ')} UTC, Node.js ${node}, ${cores} cores (${processor}), ${memoryGiB} GiB\n`,
    ...(lines.length === 0 ? [] : tableOf(lines)),
    ...notes.map((note) => `\n_${note}_`),
    ...(lines.length === 0 ? [] : [`\n![${title}](${name}.svg)`]),
    '',
  ].join('\n')
}

function tableOf(lines: readonly Measurement[]): readonly string[] {
  return [
    '| what | median | p99 | ratio | goal |',
    '|---|--:|--:|--:|---|',
    ...lines.map(({ what, unit, p50, p99, ratio, goal }) => {
      const tail = p99 === null ? '' : `${figure(p99)} ${unit}`
      const became = goal === null ? '' : `${markdownVerdict(goal)}: ${goal.words}`
      return `| ${what} | ${figure(p50)} ${unit} | ${tail} | ${figure(ratio)} | ${became} |`
    }),
  ]
}
