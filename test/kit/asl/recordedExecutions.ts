import { readFileSync } from 'node:fs'
import type { Json } from '../../../src/statemachines/data/json.ts'
import type { StateMachineDefinition } from '../../../src/statemachines/definition/types.ts'

/** An execution as AWS recorded it: test/fixtures/asl/README.md. */
export interface RecordedExecution {
  readonly id: string
  readonly definition: StateMachineDefinition
  readonly input?: Json
  readonly machineType: 'STANDARD' | 'EXPRESS'
  readonly features: readonly string[]
  /** When it was recorded, ISO 8601. */
  readonly validatedAt?: string
  /** `any` where a Map or Parallel makes the order of branches a matter of chance. */
  readonly eventOrder: 'exact' | 'any'
  /** Patterns by JSON pointer into the result, where a run decides the value. */
  readonly wildcards?: { readonly [pointer: string]: string }
  readonly lambdas?: readonly RecordedFunction[]
  readonly causeIsJsonText?: boolean
  readonly expect: {
    readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT'
    readonly output?: Json
    readonly error?: string
    readonly cause?: Json
    readonly eventTypes?: readonly string[]
    readonly events?: readonly RecordedEvent[]
  }
}

export interface RecordedFunction {
  readonly functionName: string
  readonly functionArn: string
  readonly handlerFile: string
  readonly runtime: string
}

export interface RecordedEvent {
  readonly id: number
  readonly previousEventId: number
  readonly type: string
  readonly [details: string]: unknown
}

const FILE = new URL('../../fixtures/asl/executions.json', import.meta.url)

/** All of them, in the order of the file. */
export function recordedExecutions(): RecordedExecution[] {
  return JSON.parse(readFileSync(FILE, 'utf8')) as RecordedExecution[]
}
