import type { Scope } from '../../model/records.ts'

export const STATE_MACHINE_TYPES = ['STANDARD', 'EXPRESS'] as const
export type StateMachineType = (typeof STATE_MACHINE_TYPES)[number]
export type LoggingLevel = 'OFF' | 'FATAL' | 'ERROR' | 'ALL'

/** A state machine as it was last updated. */
export interface StateMachineRecord {
  readonly id: string
  readonly scope: Scope
  readonly name: string
  readonly type: StateMachineType
  /** JSON text. */
  readonly definition: string
  readonly roleArn: string
  readonly revisionId: string
  readonly loggingLevel: LoggingLevel
  readonly includeExecutionData: boolean
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A published version. */
export interface StateMachineVersionRecord {
  readonly machine: StateMachineRecord
  readonly number: number
  readonly definition: string
  readonly roleArn: string
  readonly revisionId: string
  readonly description: string
  readonly createdAt: Date
}

/** One version of an alias's routing, and the percent of the executions that it takes. */
export interface RoutingRecord {
  readonly versionNumber: number
  readonly weight: number
}

export interface StateMachineAliasRecord {
  readonly machine: StateMachineRecord
  readonly name: string
  readonly description: string
  /** One version with 100, or two that add up to 100. */
  readonly routing: readonly RoutingRecord[]
  readonly createdAt: Date
  readonly updatedAt: Date
}
