import { chmodSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/postgres/embeddedPostgres.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { BENCHMARKS } from './benchmarks.ts'
import { percentile } from './percentile.ts'
import { table } from './report.ts'

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
  (_name, benchmark) => {
    it('runs, and prints a line for the floor and for what is measured', async () => {
      const lines = await benchmark.run(postgres, 'SMOKE')
      expect(lines.length).toBeGreaterThanOrEqual(2)
      for (const { p50, p99, ratio } of lines) {
        expect(p50).toBeGreaterThan(0)
        expect(p99).toBeGreaterThanOrEqual(p50)
        expect(ratio).toBeGreaterThan(0)
      }
      const text = table(benchmark, lines)
      for (const { what } of lines) expect(text).toContain(what)
    }, 60_000)
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
