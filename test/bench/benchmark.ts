import type { EmbeddedPostgres } from '../../src/db/postgres/embeddedPostgres.ts'

/** A real run, or one that only shows that the benchmark works. */
export type BenchmarkSize = 'FULL' | 'SMOKE'

/** One line of a benchmark's table. */
export interface Measurement {
  readonly what: string
  readonly unit: 'ms' | '1/s'
  readonly p50: number
  readonly p99: number
  /** Of the median to that of the floor or peer, measured in the same run. */
  readonly ratio: number
}

/** Something that is measured beside its floor or its peer. */
export interface Benchmark {
  /** What `npm run bench -- NAME` calls it. */
  readonly name: string
  readonly title: string
  /** What is to be reached, in words. */
  readonly goal: string
  /** Measures on a PostgreSQL of its own with durability on. */
  run(postgres: EmbeddedPostgres, size: BenchmarkSize): Promise<readonly Measurement[]>
}
