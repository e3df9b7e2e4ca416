import type { Scope } from '../../model/records.ts'
import type { HistoryEventType } from '../engine/historyEvent.ts'
import type { StateMachineType } from '../machines/machineRecords.ts'

/** The states of an execution; AWS's words. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html */
export const EXECUTION_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number]

/** An execution as it is shown. Texts of input and output are JSON. */
export interface ExecutionRecord {
  readonly id: string
  readonly executionArn: string
  readonly scope: Scope
  readonly stateMachineId: string
  readonly stateMachineArn: string
  readonly stateMachineName: string
  readonly machineType: StateMachineType
  readonly versionNumber: number | null
  readonly aliasName: string | null
  readonly name: string
  readonly roleArn: string
  readonly status: ExecutionStatus
  readonly input: string
  readonly output: string | null
  readonly error: string | null
  readonly cause: string | null
  readonly startedAt: Date
  readonly stoppedAt: Date | null
  readonly redriveCount: number
  readonly redrivenAt: Date | null
  readonly transitions: number
  readonly definitionSha256: Uint8Array
}

/** An event of a history as it is shown. */
export interface HistoryEventRecord {
  readonly executionId: string
  readonly id: number
  readonly previousEventId: number
  readonly type: HistoryEventType
  readonly timestamp: Date
  /** Parsed JSON, or null. */
  readonly details: Readonly<Record<string, unknown>> | null
  /** The invocation that it began, or null. */
  readonly invocationId: string | null
}
