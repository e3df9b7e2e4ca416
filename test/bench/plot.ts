import type { Measurement } from './benchmark.ts'
import { figure } from './report.ts'

const WIDTH = 860
const LABEL_WIDTH = 330
const BAR_WIDTH = 330
const ROW_HEIGHT = 24
const BAR_HEIGHT = 14
const TOP = 44
/** A tail may be so many times as long as the longest median before it is cut off. */
const LONGEST_TAIL = 3

const TITLES: Readonly<Record<Measurement['unit'], string>> = {
  ms: 'milliseconds, less is better: the median, and lighter up to the 99th percentile',
  '1/s': 'per second, more is better',
  MB: 'megabytes, less is better',
}
const FLOOR = '#8d99ae'
const OWN = { MET: '#2a9d8f', MISSED: '#e76f51', NEITHER: '#457b9d' } as const

/**
 * A benchmark's lines as bars in an SVG: grey floors and peers, green where a goal is met, red where it is not, blue
 * where none was set.
 */
export function plot(title: string, lines: readonly Measurement[]): string {
  const units = [...new Set(lines.map(({ unit }) => unit))]
  const parts: string[] = []
  let y = TOP
  for (const unit of units) {
    const rows = lines.filter((line) => line.unit === unit)
    parts.push(text(16, y, TITLES[unit], 'font-size="12" fill="#555"'))
    y += 12
    const longest = longestOf(rows)
    for (const row of rows) {
      parts.push(bar(row, y, longest))
      y += ROW_HEIGHT
    }
    y += 24
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${y}" fill="#fff"/>`,
    text(16, 22, title, 'font-size="15" font-weight="600" fill="#222"'),
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

function longestOf(rows: readonly Measurement[]): number {
  const median = Math.max(...rows.map(({ p50 }) => p50))
  const tail = Math.max(...rows.map(({ p50, p99 }) => p99 ?? p50))
  return Math.min(tail, median * LONGEST_TAIL)
}

function bar({ what, unit, p50, p99, goal }: Measurement, y: number, longest: number): string {
  const colour =
    typeof goal?.isMet === 'boolean'
      ? OWN[goal.isMet ? 'MET' : 'MISSED']
      : /\((floor|peer)\)/.test(what)
        ? FLOOR
        : OWN.NEITHER
  const widthOf = (value: number) => (Math.min(1, value / longest) * BAR_WIDTH).toFixed(1)
  const rect = (value: number, opacity: number) =>
    `<rect x="${LABEL_WIDTH}" y="${y}" width="${widthOf(value)}" height="${BAR_HEIGHT}" fill="${colour}" opacity="${opacity}"/>`
  const tail = p99 === null ? '' : ` (p99 ${figure(p99)})`
  return [
    text(LABEL_WIDTH - 8, y + BAR_HEIGHT - 3, what, 'font-size="12" text-anchor="end" fill="#222"'),
    ...(p99 === null ? [] : [rect(p99, 0.25)]),
    rect(p50, 1),
    text(
      LABEL_WIDTH + Number(widthOf(p99 ?? p50)) + 8,
      y + BAR_HEIGHT - 3,
      `${figure(p50)} ${unit}${tail}`,
      'font-size="12" fill="#222"',
    ),
  ].join('\n')
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(words)}</text>`
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
