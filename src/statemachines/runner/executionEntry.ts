import type { ExecutionCharge } from '../../billing/priceExecutions.ts'
import type { RanInvocation } from '../../invocations/journalEntry.ts'
import type { Scope } from '../../model/records.ts'
import type { HistoryEvent } from '../engine/historyEvent.ts'
import type { ExecutionStatus } from '../executions/executionRecords.ts'

/** An execution that begins: it is the node's that writes it. */
export interface NewExecution {
  readonly id: string
  readonly scope: Scope
  readonly stateMachineId: string
  readonly stateMachineName: string
  readonly machineType: 'STANDARD' | 'EXPRESS'
  readonly versionNumber: number | null
  readonly aliasName: string | null
  readonly name: string
  readonly definition: string
  readonly definitionSha256: Buffer
  readonly roleArn: string
  /** JSON text. */
  readonly input: string
  readonly startedAtMs: number
  readonly seed: number
  readonly nodeId: string
  readonly mapRunId: string | null
  readonly itemIndex: number | null
  /** JSON text, or null. */
  readonly child: string | null
}

/** How far an execution has come with a commit. */
export interface ExecutionMove {
  readonly id: string
  /** The fence: whoever writes still has the execution, and knows all that was written. */
  readonly nodeId: string
  readonly sequenceBefore: number
  readonly sequence: number
  readonly lastEventId: number
  readonly transitions: number
  readonly next: NextOfExecution
}

/**
 * RUNS: it stays in memory. RESTS: it is put out of memory until `wakeAtMs`, or until somebody has something for it.
 * ENDED: it is over.
 */
export type NextOfExecution =
  | { readonly kind: 'RUNS' }
  | { readonly kind: 'RESTS'; readonly snapshot: string; readonly wakeAtMs: number | null }
  | {
      readonly kind: 'ENDED'
      readonly status: Exclude<ExecutionStatus, 'RUNNING'>
      readonly stoppedAtMs: number
      /** JSON text, or null. */
      readonly output: string | null
      readonly error: string | null
      readonly cause: string | null
      /** What a redrive begins with; null where there is none. */
      readonly snapshot: string | null
    }

export interface StimulusRow {
  readonly executionId: string
  readonly sequence: number
  readonly atMs: number
  /** JSON text. */
  readonly body: string
}

export interface ExecutionEventRow extends HistoryEvent {
  readonly executionId: string
}

/** A message to an execution, this one or another. */
export interface InboxMessage {
  readonly executionId: string
  /** JSON text of a stimulus. */
  readonly body: string
  readonly atMs: number
}

export interface TaskTokenRow {
  readonly token: string
  readonly accountId: string
  readonly executionId: string
  readonly taskId: number
}

export interface ActivityTaskRow {
  readonly activityArn: string
  readonly token: string
  /** JSON text. */
  readonly input: string
}

/** A task that nobody waits for any more. */
export interface EndedTask {
  readonly executionId: string
  readonly taskId: number
}

/** All that one commit writes of one execution. */
export interface ExecutionEntry {
  readonly executionId: string
  readonly scope: Scope
  /** Whether it is one of the open executions while it runs. */
  readonly isCounted: boolean
  readonly created: NewExecution | null
  readonly moved: ExecutionMove
  readonly stimuli: readonly StimulusRow[]
  readonly events: readonly ExecutionEventRow[]
  readonly tokens: readonly TaskTokenRow[]
  readonly activityTasks: readonly ActivityTaskRow[]
  readonly endedTasks: readonly EndedTask[]
  /** Messages that have been taken. */
  readonly taken: readonly bigint[]
  readonly messages: readonly InboxMessage[]
  /** The functions that ran for what has happened: their history and their charges. */
  readonly invocations: readonly RanInvocation[]
  /** What an execution that ends is charged for. */
  readonly charge: ExecutionCharge | null
  /** The Map Run that a child has ended in, and how. */
  readonly itemEnded: { readonly mapRunId: string; readonly isSucceeded: boolean } | null
}
