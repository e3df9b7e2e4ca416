import type { Benchmark } from './benchmark.ts'
import { claim } from './claim.ts'
import { invoke } from './invoke.ts'
import { peer } from './peer.ts'

/** All of them, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [invoke, peer, claim]
