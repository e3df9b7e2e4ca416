import type { Benchmark } from './benchmark.ts'
import { claim } from './claim.ts'
import { coldstart } from './coldstart.ts'
import { events } from './events.ts'
import { invoke } from './invoke.ts'
import { logs } from './logs.ts'
import { peer } from './peer.ts'
import { steps } from './steps.ts'

/** All of them, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [invoke, peer, events, coldstart, logs, steps, claim]
