import type { ThrottleReason } from '../errors.ts'
import type { Position } from './position.ts'
import type { ArchitectureName, InvocationTypeName, LogSourceName, Scope } from './records.ts'

/** A row of `log_event`. */
export interface LogEventRecord {
  readonly position: Position
  readonly timestamp: Date
  readonly message: string
  readonly source: LogSourceName
  readonly functionName: string
  readonly versionNumber: number
  readonly logStreamName: string
  readonly requestId: string | null
}

/** Log events that are told together, in their order; at least one. */
export type LogEventBatchRecord = readonly LogEventRecord[]

/** The names of the GraphQL enum `InvocationEventType`. */
export type InvocationEventTypeName =
  | 'QUEUED'
  | 'STARTED'
  | 'SUCCEEDED'
  | 'RETRY_SCHEDULED'
  | 'FAILED'
  | 'RELEASED'
  | 'CANCELLED'

/** A row of `invocation_event`. */
export interface InvocationEventRecord {
  readonly position: Position
  readonly type: InvocationEventTypeName
  readonly timestamp: Date
  readonly requestId: string
  readonly attempt: number | null
  readonly nextAttemptAt: Date | null
}

/** A row of `alias_shift_event`. */
export interface AliasShiftEventRecord {
  readonly position: Position
  readonly type: 'STARTED' | 'STEPPED' | 'COMPLETED' | 'ROLLED_BACK' | 'STOPPED'
  readonly timestamp: Date
  readonly aliasName: string
  readonly toVersion: number
  readonly weightPercent: number
  readonly reason: string | null
}

/** The names of the GraphQL enum `LedgerEntryType`. */
export type LedgerEntryTypeName =
  | 'INVOCATION'
  | 'PROVISIONED_CONCURRENCY'
  | 'BUDGET_ALERT'
  | 'STATE_TRANSITIONS'
  | 'EXPRESS_EXECUTION'

/** A row of `ledger_entry`. */
export interface LedgerEntryRecord {
  readonly position: Position
  readonly scope: Scope
  readonly type: LedgerEntryTypeName
  readonly timestamp: Date
  /** Null in entries of budgets, as is the version. */
  readonly functionName: string | null
  readonly versionNumber: number | null
  /** Null but in entries of invocations, as is the attempt. */
  readonly requestId: string | null
  readonly attempt: number | null
  readonly architecture: ArchitectureName
  readonly isProvisioned: boolean
  readonly priceList: string
  /** What an alert of a budget says; otherwise null. */
  readonly note: string | null
  /** Null but in entries of executions. */
  readonly stateMachineName: string | null
  readonly transitions: number | null
  readonly memoryMiB: number
  readonly durationUs: number
  readonly billedMs: number
  readonly requestPriceNanoUsd: bigint
  readonly durationPriceNanoUsd: bigint
}

/** A row of `throttle_event`. */
export interface ThrottleEventRecord {
  readonly position: Position
  readonly scope: Scope
  readonly timestamp: Date
  /** Null of the start of an execution, as are request id and type. */
  readonly functionName: string | null
  readonly requestId: string | null
  readonly invocationType: InvocationTypeName | null
  /** Null of an invocation, as is the execution's name; that is null too where none was asked for. */
  readonly stateMachineName: string | null
  readonly executionName: string | null
  /** Null where a state machine was asked for without a version. */
  readonly versionNumber: number | null
  readonly reason: ThrottleReason
  readonly limit: number
}
