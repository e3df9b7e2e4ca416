import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/postgres/embeddedPostgres.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import type { Measurement } from './benchmark.ts'
import { BENCHMARKS } from './benchmarks.ts'
import { percentile } from './kit/percentile.ts'
import { plot } from './plot.ts'
import { figure, table } from './report.ts'

let folder: TemporaryFolder
let postgres: EmbeddedPostgres

beforeAll(async () => {
  folder = temporaryFolder()
  chmodSync(folder.path, 0o755)
  postgres = await startEmbeddedPostgres({ dataFolder: folder.path, durability: 'DISCARDABLE', report: console.error })
})
afterAll(async () => {
  await postgres.stop()
  folder[Symbol.dispose]()
})

// No time is asserted: the sizes are too small to say anything.
describe.each(BENCHMARKS.map((benchmark) => [benchmark.name, benchmark] as const))(
  'the benchmark %s',
  (name, benchmark) => {
    it('runs, and prints a line for the floor and for what is measured', async () => {
      const own = join(folder.path, name)
      mkdirSync(own)
      const notes: string[] = []
      const note = (sentence: string) => notes.push(sentence)
      const lines = await benchmark.run({ postgres, size: 'SMOKE', folder: own, profiles: null, note })
      if (lines.length === 0) expect(notes).not.toEqual([])
      else expect(lines.length).toBeGreaterThanOrEqual(2)
      for (const { p50, p99, ratio } of lines) {
        expect(p50).toBeGreaterThan(0)
        if (p99 !== null) expect(p99).toBeGreaterThanOrEqual(p50)
        expect(ratio).toBeGreaterThan(0)
      }
      const text = table(benchmark, lines, notes)
      for (const { what } of lines) expect(text).toContain(what)
      for (const sentence of notes) expect(text).toContain(sentence)
      // A peer is fetched first where it is missing.
    }, 180_000)
  },
)

describe('a percentile', () => {
  it('is the value that so many percent do not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect([1, 50, 99, 100].map((percent) => percentile(values, percent))).toEqual([1, 50, 99, 100])
    expect(percentile([7], 50)).toBe(7)
    expect(() => percentile([], 50)).toThrow(RangeError)
  })
})

describe('a report', () => {
  const floor: Measurement = { what: 'bare (floor)', unit: 'ms', p50: 2, p99: 9, ratio: 1, goal: null }
  const own: Measurement = {
    ...floor,
    what: 'ours & more',
    p50: 5,
    ratio: 2.5,
    goal: { words: 'at most 2', isMet: false },
  }

  it('says which goals are met', () => {
    expect(table({ title: 'a thing', run: async () => [], name: 'thing' }, [floor, own])).toBe(
      [
        'a thing',
        '                    p50      p99  ratio  goal',
        '  bare (floor)  2.00 ms  9.00 ms   1.00',
        '  ours & more   5.00 ms  9.00 ms   2.50  missed: at most 2',
        '',
      ].join('\n'),
    )
  })

  it('writes numbers with the places that tell something', () => {
    expect([0.0126, 4.321, 43.21, 4321.4].map(figure)).toEqual(['0.013', '4.32', '43.2', '4,321'])
  })

  it('draws a bar for each line, with its words and figures as text', () => {
    const drawn = plot('a <thing>', [floor, own])
    expect(drawn).toContain('<title>a &lt;thing></title>')
    expect(drawn).toContain('ours &amp; more')
    expect(drawn).toContain('5.00 ms (p99 9.00)')
    expect(drawn.match(/<rect [^>]*opacity="1"/g)).toHaveLength(2)
  })
})
