import type { Json } from '../data/json.ts'
import type { StateError } from './historyEvent.ts'
import type { Stimulus } from './stimulus.ts'
import type { TaskOrder } from './taskOrder.ts'

/** Variables of one scope, by name. */
export type Variables = { [name: string]: Json }

/**
 * Where an execution stands: plain JSON, all that `advance` needs beside the machine. One thread for each branch and
 * iteration that runs; the first is `ROOT`.
 */
export interface ExecutionState {
  lastEventId: number
  lastThreadId: number
  lastTaskId: number
  /** How many states have been entered or tried again: what Standard executions are billed by. */
  transitions: number
  /** How many random numbers have been drawn; with the seed of the machine they come out alike again. */
  drawn: number
  threads: { [id: string]: Thread }
  /** When the machine's own TimeoutSeconds are over, milliseconds since the epoch; or null. */
  deadlineMs: number | null
  outcome: Outcome | null
  /** Of one that has ended badly: the threads as they were, which a redrive takes up. */
  redrivable: { [id: string]: Thread } | null
}

export const ROOT = '0'

/** How an execution ended. */
export type Outcome =
  | { status: 'SUCCEEDED'; output: Json }
  | ({ status: 'FAILED' | 'TIMED_OUT' | 'ABORTED' } & StateError)

/** One sequence of states. */
export interface Thread {
  id: string
  /** Where in the definition its states are: names and numbers from the top to the object that has `States`. */
  place: (string | number)[]
  parent: { threadId: string; index: number } | null
  /** Last event of this thread. */
  previousEventId: number
  variables: Variables
  /** What `$$.Map.Item` says here; null outside of a Map. */
  item: { index: number; value: Json } | null
  phase: Phase
}

/**
 * What a thread does. Each stay in a state is a visit. One that has SUCCEEDED or FAILED is settled with who began it in
 * the same look, and then is no more.
 */
export type Phase =
  | { kind: 'ENTERING'; stateName: string; input: Json }
  | { kind: 'WAITING'; visit: Visit; dueAtMs: number }
  | { kind: 'RETRYING'; visit: Visit; dueAtMs: number }
  | { kind: 'TASK'; visit: Visit; task: PendingTask }
  | { kind: 'PARALLEL'; visit: Visit; outputs: (Json | undefined)[]; running: number }
  | { kind: 'MAP'; visit: Visit; map: InlineMap }
  | { kind: 'SUCCEEDED'; output: Json }
  | { kind: 'FAILED'; visit: Visit; error: StateError; before: Phase }

export interface Visit {
  stateName: string
  /** The state's raw input. */
  input: Json
  enteredEventId: number
  enteredAtMs: number
  /** The event before the entering. */
  previousEventId: number
  /** How often each of the state's retriers has retried. */
  retries: number[]
  /** How often it was retried in all, `$$.State.RetryCount`. */
  retryCount: number
}

/** A task that has been asked for and has no result yet. */
export interface PendingTask {
  id: number
  order: TaskOrder
  /** SCHEDULED: may not have begun. STARTED: has begun. SUBMITTED: was taken; its result comes from elsewhere. */
  status: 'SCHEDULED' | 'STARTED' | 'SUBMITTED'
  /** What is sent with task tokens; null where the task has none. */
  token: string | null
  timeoutAtMs: number | null
  heartbeatMs: number | null
  heartbeatAtMs: number | null
  /** How a nested execution has ended, where that is known before it is known that it has begun. */
  early?: Extract<Stimulus, { kind: 'TASK_SUCCEEDED' | 'TASK_FAILED' }>
}

/** A Map state that runs inside of its execution. */
export interface InlineMap {
  items: Json[]
  outputs: (Json | undefined)[]
  next: number
  running: number
  concurrency: number
}
