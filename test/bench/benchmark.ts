import type { EmbeddedPostgres } from '../../src/db/postgres/embeddedPostgres.ts'

/** A real run, or one that only shows that the benchmark works. */
export type BenchmarkSize = 'FULL' | 'SMOKE'

/** What is to be reached, and whether this run did. */
export interface Goal {
  /** For example `at least 0.6 of the floor`. */
  readonly words: string
  /** Null where this machine cannot tell. */
  readonly isMet: boolean | null
}

/** One line of a benchmark's table. */
export interface Measurement {
  readonly what: string
  readonly unit: 'ms' | '1/s' | 'MB'
  /** The median: of a rate that of the slices in which it was measured. */
  readonly p50: number
  /** Null where it says nothing: of rates and of sizes. */
  readonly p99: number | null
  /** Of the median to that of the floor or peer, measured in the same run. */
  readonly ratio: number
  /** Null for floors, peers and what only explains another line. */
  readonly goal: Goal | null
}

/** What a benchmark works with. */
export interface Bench {
  /** A PostgreSQL of its own; durable where the size is FULL. */
  readonly postgres: EmbeddedPostgres
  readonly size: BenchmarkSize
  /** Absolute path of an empty folder that is removed after the run. */
  readonly folder: string
  /** Absolute path of a folder for profiles of the service's processors; null: none are wanted. */
  readonly profiles: string | null
  /** Told in one sentence what is left out, and why. */
  readonly note: (sentence: string) => void
}

/** Something that is measured beside its floor or its peer. */
export interface Benchmark {
  /** What `npm run bench -- NAME` calls it. */
  readonly name: string
  readonly title: string
  /** Takes too long for all to wait for: it runs where it is named. */
  readonly isLong?: true
  /** Measures; no lines where what it compares with cannot be had, which is noted. */
  run(bench: Bench): Promise<readonly Measurement[]>
}
