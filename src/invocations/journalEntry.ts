import type { ThrottleReason } from '../errors.ts'
import type { InvocationEventTypeName } from '../model/eventRecords.ts'
import type { PriceList } from '../model/price.ts'
import type { DoneCondition } from '../model/queueTransition.ts'
import type {
  ArchitectureName,
  AttemptOutcomeName,
  InvocationSourceName,
  InvocationTypeName,
  LogSourceName,
  Scope,
} from '../model/records.ts'

/** The rows that one step of an invocation writes. All of an entry's rows commit together or not at all. */
export interface JournalEntry {
  /** The lease that must still be held: where it is lost, nothing of the entry is written. */
  readonly lease?: LeaseChange
  /** The invocation that must still wait: where it does not, nothing of the entry is written. */
  readonly cancellation?: { readonly invocationId: string }
  /** The idempotency key that must be free: where it is not, nothing of the entry is written. */
  readonly key?: NewInvocationKey
  /** The idempotency key that is free again. */
  readonly releasedKey?: { readonly functionId: string; readonly key: string; readonly invocationId: string }
  readonly newInvocation?: NewInvocation
  readonly enqueue?: NewQueuedInvocation
  /** Events that are accepted together. */
  readonly acceptedBatch?: AcceptedBatch
  readonly finish?: FinishedInvocation
  readonly attempt?: AttemptRow
  /** Turns the running attempt of a lost lease into a lost one, where there is one. */
  readonly lostAttempt?: { readonly invocationId: string; readonly number: number }
  readonly logEvents?: readonly LogEventRow[]
  readonly invocationEvents?: readonly InvocationEventRow[]
  readonly charge?: ChargeRow
  readonly throttle?: ThrottleRow
  /** What ended badly and may be sent again. */
  readonly deadLetter?: NewDeadLetter
  /** What is to be sent to destinations. */
  readonly deliveries?: readonly NewDelivery[]
  /** What was sent to a destination: where it is no more pending, nothing of the entry is written. */
  readonly delivered?: { readonly id: string; readonly atMs: number }
  /** The dead letter that is sent again or discarded: where it is gone, nothing of the entry is written. */
  readonly takenDeadLetter?: { readonly invocationId: string; readonly redrivenAs: string | null }
}

/** The rows of an event that is accepted. */
export interface AcceptedEvent {
  readonly newInvocation: NewInvocation
  readonly enqueue: NewQueuedInvocation
  readonly invocationEvents: readonly InvocationEventRow[]
}

/** The rows of an invocation that somebody has waited for, from its beginning to its end. */
export interface RanInvocation {
  readonly newInvocation: NewInvocation
  readonly attempt: AttemptRow
  readonly logEvents: readonly LogEventRow[]
  readonly invocationEvents: readonly InvocationEventRow[]
  readonly charge: ChargeRow
}

/** Events of one function that are accepted together, due at once. */
export interface AcceptedBatch {
  readonly scope: Scope
  readonly functionId: string
  readonly functionName: string
  readonly qualifier: string | null
  readonly clientContext: string | null
  readonly traceHeader: string | null
  readonly createdAtMs: number
  /** Their ids and their payloads as JSON text. */
  readonly events: readonly { readonly id: string; readonly payload: string }[]
}

/** A queue row that is leased to a node for an attempt, and what becomes of it. */
export interface LeaseChange {
  readonly invocationId: string
  readonly nodeId: string
  readonly attempts: number
  /** Null deletes the row: the invocation is done. */
  readonly requeue: Requeue | null
}

/** A queue row that waits again. */
export interface Requeue {
  readonly dueAtMs: number
  readonly attempts: number
  readonly failures: number
  readonly throttles: number
  readonly versionNumber: number | null
}

export interface NewInvocation {
  readonly id: string
  readonly scope: Scope
  readonly functionId: string
  readonly functionName: string
  readonly type: InvocationTypeName
  readonly qualifier: string | null
  readonly executedVersion: number | null
  readonly status: 'QUEUED' | 'SUCCEEDED' | 'FAILED'
  readonly createdAtMs: number
  readonly finishedAtMs: number | null
  readonly payload: string | null
  readonly clientContext: string | null
  readonly result: string | null
  readonly functionError: string | null
  readonly source: InvocationSourceName
  /** X-Ray trace header that the caller passed on, or null. */
  readonly traceHeader: string | null
  readonly redriveOf: string | null
}

export interface NewQueuedInvocation {
  readonly id: string
  readonly scope: Scope
  readonly functionId: string
  /** As it was asked for; null is `$LATEST`. Its event invoke config says how long the invocation may wait. */
  readonly qualifier: string | null
  readonly dueAtMs: number
}

export interface FinishedInvocation {
  readonly id: string
  readonly executedVersion: number | null
  readonly status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  readonly finishedAtMs: number
  readonly result: string | null
  readonly functionError: string | null
  readonly condition: DoneCondition
}

/** A caller's own name for an invocation of a function. */
export interface NewInvocationKey {
  readonly functionId: string
  readonly key: string
  /** Lower-case hexadecimal. */
  readonly inputSha256: string
  readonly invocationId: string
  /** The node that runs it synchronously; null for events. */
  readonly nodeId: string | null
  readonly createdAtMs: number
}

/** An asynchronous invocation that failed for good. */
export interface NewDeadLetter {
  readonly invocationId: string
  readonly functionId: string
  readonly condition: DoneCondition
  readonly createdAtMs: number
}

/** What a delivery is for. */
export type DeliveryPurpose = 'ON_SUCCESS' | 'ON_FAILURE' | 'DEAD_LETTER'

/** Something to be sent to a destination or a dead-letter queue. */
export interface NewDelivery {
  readonly id: string
  readonly scope: Scope
  readonly invocationId: string
  readonly functionId: string
  readonly functionName: string
  readonly purpose: DeliveryPurpose
  readonly targetArn: string
  /** ARN of the function with its qualifier, as destination records name it. */
  readonly sourceArn: string
  /** JSON text: a destination record, or the original event of a dead letter. */
  readonly body: string
  /** Of dead letters; otherwise null. */
  readonly errorMessage: string | null
  /** As the function saw it: it carries the lineage of the chain. */
  readonly traceHeader: string
  readonly createdAtMs: number
}

export interface AttemptRow {
  readonly invocationId: string
  readonly number: number
  readonly outcome: AttemptOutcomeName
  readonly versionNumber: number
  readonly nodeId: string
  readonly isColdStart: boolean
  readonly isProvisioned: boolean
  readonly logStreamName: string
  readonly startedAtMs: number
  readonly durationUs: number | null
  readonly initDurationUs: number | null
  readonly billedMs: number | null
  readonly maxMemoryMiB: number | null
  readonly functionError: string | null
}

export interface LogEventRow {
  readonly functionId: string
  readonly functionName: string
  readonly versionNumber: number
  readonly logStreamName: string
  readonly invocationId: string | null
  readonly timestampMs: number
  readonly source: LogSourceName
  readonly message: string
}

export interface InvocationEventRow {
  readonly invocationId: string
  readonly type: InvocationEventTypeName
  readonly timestampMs: number
  readonly attempt: number | null
  readonly nextAttemptAtMs: number | null
}

/** What is charged for an attempt. Its prices are found when it is written: they depend on the month's counters. */
export interface ChargeRow {
  readonly scope: Scope
  readonly timestampMs: number
  readonly functionId: string
  readonly functionName: string
  readonly versionNumber: number
  readonly invocationId: string
  readonly attempt: number
  readonly memoryMiB: number
  readonly durationUs: number
  readonly billedMs: number
  readonly architecture: ArchitectureName
  /** Whether it ran in a provisioned environment. */
  readonly isProvisioned: boolean
  /** The list that was in force when the attempt began. */
  readonly prices: PriceList
}

/** What a limit has refused: an invocation, or the start of an execution. */
export interface ThrottleRow {
  readonly scope: Scope
  readonly timestampMs: number
  readonly refused: RefusedInvocation | RefusedStart
  readonly reason: ThrottleReason
  readonly limit: number
}

export interface RefusedInvocation {
  readonly kind: 'INVOCATION'
  readonly functionId: string
  readonly functionName: string
  readonly versionNumber: number
  readonly invocationId: string
  readonly invocationType: InvocationTypeName
}

export interface RefusedStart {
  readonly kind: 'EXECUTION'
  readonly stateMachineId: string
  readonly stateMachineName: string
  /** Null for the state machine itself. */
  readonly versionNumber: number | null
  /** Null where no name was asked for. */
  readonly executionName: string | null
}
