import type { Benchmark } from './benchmark.ts'
import { claim } from './claim.ts'
import { coldstart } from './coldstart.ts'
import { crowd } from './crowd.ts'
import { events } from './events.ts'
import { invoke } from './invoke.ts'
import { logs } from './logs.ts'
import { memory } from './memory.ts'
import { million } from './million.ts'
import { mixed } from './mixed.ts'
import { nodes } from './nodes.ts'
import { peer } from './peer.ts'
import { scale } from './scale.ts'
import { start } from './start.ts'
import { steps } from './steps.ts'

/** All of them, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  invoke,
  peer,
  events,
  coldstart,
  crowd,
  logs,
  steps,
  claim,
  mixed,
  nodes,
  scale,
  memory,
  start,
  million,
]
