import type { Benchmark } from './benchmark.ts'
import { claim } from './claim.ts'

/** All of them, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [claim]
