import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import type { Measurement } from './benchmark.ts'
import { BENCHMARKS } from './benchmarks.ts'
import { resultsPage } from './page.ts'
import { keepResult, type Result, thisMachine } from './results.ts'
import { goalsTable, toldFigures, writeBetween } from './summaries.ts'

const NAMES = BENCHMARKS.map(({ name }) => name)
const read = (...path: string[]) => readFileSync(join(INSTALLATION_FOLDER, ...path), 'utf8')

describe('what is told of the benchmarks', () => {
  const results = JSON.parse(read('docs/benchmarks/results.json')) as Record<string, Result>

  it('in the README is what they printed, and no other figure stands beside it', () => {
    const [, told] = /\n## How fast\n([\s\S]*?)\n## /.exec(read('README.md'))!
    expect(told).toContain(toldFigures(results))
    expect(told!.replace(toldFigures(results), '')).not.toMatch(/\d\s*(ms|us|MB|MiB|%|\/s|times)\b/)
  })

  it('in docs/performance.md is every goal, with what became of it', () => {
    expect(read('docs/performance.md')).toContain(goalsTable(results, NAMES))
  })

  it('in docs/benchmarks is all of it, with a plot of each', () => {
    expect(read('docs/benchmarks/README.md')).toBe(resultsPage(results, NAMES))
    expect(NAMES.filter((name) => (results[name]?.lines.length ?? 0) > 0)).toEqual(
      NAMES.filter((name) => existsSync(join(INSTALLATION_FOLDER, 'docs/benchmarks', `${name}.svg`))),
    )
  })
})

describe('a result that is kept', () => {
  const line = (what: string, changes: Partial<Measurement> = {}): Measurement => ({
    ...{ what, unit: 'ms', p50: 2, p99: 9, ratio: 1, goal: null },
    ...changes,
  })
  const result: Result = {
    title: 'start on existing data',
    measuredAt: '2026-11-23T10:00:00.000Z',
    machine: thisMachine(),
    lines: [
      line('PostgreSQL (floor)'),
      line('npm start', { p50: 1234, ratio: 617, goal: { words: 'at most 2,000 ms', isMet: true } }),
      line('more', { p99: null, goal: { words: 'at most 1 ms', isMet: false } }),
    ],
    notes: ['on a quiet machine'],
  }
  let folder: TemporaryFolder
  beforeAll(() => {
    folder = temporaryFolder()
  })
  afterAll(() => folder[Symbol.dispose]())

  it('renews its place in each page and leaves the rest alone', () => {
    mkdirSync(join(folder.path, 'docs'))
    const readme = join(folder.path, 'README.md')
    const performance = join(folder.path, 'docs/performance.md')
    writeFileSync(readme, 'Before.\n<!-- figures -->\nold\n<!-- /figures -->\nAfter.\n')
    writeFileSync(performance, '<!-- goals -->\n<!-- /goals -->\n')
    for (const _time of [1, 2]) keepResult(folder.path, ['start'], 'start', result)
    expect(readFileSync(readme, 'utf8')).toBe(
      'Before.\n<!-- figures -->\n| benchmark | what | median |\n|---|---|--:|\n| start | npm start | 1,234 ms |\n<!-- /figures -->\nAfter.\n',
    )
    expect(readFileSync(performance, 'utf8')).toContain(
      '| start | npm start | 1,234 ms | 9.00 ms | 617 | at most 2,000 ms | met |\n' +
        '| start | more | 2.00 ms |  | 1.00 | at most 1 ms | **missed** |\n',
    )
    const page = readFileSync(join(folder.path, 'docs/benchmarks/README.md'), 'utf8')
    expect(page).toContain('## start: start on existing data')
    expect(page).toContain('_on a quiet machine_')
    expect(page).toContain('](start.svg)')
    expect(existsSync(join(folder.path, 'docs/benchmarks/start.svg'))).toBe(true)
  })

  it('is not written where its place is missing', () => {
    const file = join(folder.path, 'other.md')
    writeFileSync(file, 'nothing')
    expect(() => writeBetween(file, 'figures', 'text')).toThrow('has no place for figures')
  })
})
