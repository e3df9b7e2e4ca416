import type { ExecutionCharge } from '../../billing/priceExecutions.ts'
import type { Json } from '../data/json.ts'
import type { ExecutionState, Outcome } from '../engine/executionState.ts'
import type { Stimulus } from '../engine/stimulus.ts'
import { stateMachineArn } from '../stateMachineArn.ts'
import type { InboxMessage, NextOfExecution } from './executionEntry.ts'
import { arnOfExecution, type ExecutionRow } from './executionFacts.ts'

type Ending = Extract<NextOfExecution, { kind: 'ENDED' }>

/** What is kept of an execution that has ended. */
export function endingOf(state: ExecutionState, outcome: Outcome, stoppedAtMs: number): Ending {
  const isSucceeded = outcome.status === 'SUCCEEDED'
  return {
    kind: 'ENDED',
    status: outcome.status,
    stoppedAtMs,
    output: isSucceeded ? JSON.stringify(outcome.output) : null,
    error: isSucceeded ? null : withoutNul(outcome.error),
    cause: isSucceeded ? null : withoutNul(outcome.cause),
    snapshot: isSucceeded ? null : JSON.stringify(state),
  }
}

/** What it is charged for: state transitions, or, of an Express execution, the request and its duration. */
export function chargeOf(row: ExecutionRow, transitions: number, stoppedAtMs: number): ExecutionCharge {
  return {
    scope: row.scope,
    timestampMs: stoppedAtMs,
    executionId: row.id,
    redrive: row.redriveCount,
    stateMachineName: row.stateMachineName,
    type: row.machineType === 'EXPRESS' ? 'EXPRESS_EXECUTION' : 'STATE_TRANSITIONS',
    transitions: transitions - row.billedTransitions,
    durationMs: stoppedAtMs - row.startedAtMs,
  }
}

/** PostgreSQL's texts have no NUL. */
function withoutNul(text: string | null): string | null {
  return text?.replaceAll('\0', '\uFFFD') ?? null
}

/** What a child that has ended tells the task that waits for it. */
export function parentMessage(row: ExecutionRow, ending: Ending, atMs: number): InboxMessage[] {
  const parent = row.child?.parent ?? null
  if (parent === null) return []
  const { taskId, executionId, pattern } = parent
  const described = describe(row, ending, pattern === 'SYNC_2')
  const stimulus: Stimulus =
    ending.status === 'SUCCEEDED'
      ? { kind: 'TASK_SUCCEEDED', taskId, output: described }
      : {
          kind: 'TASK_FAILED',
          taskId,
          failure: { kind: 'FAILED', error: 'States.TaskFailed', cause: JSON.stringify(described) },
        }
  return [{ executionId, body: JSON.stringify(stimulus), atMs }]
}

/**
 * A nested execution as `.sync` gives it: input and output as JSON texts; `.sync:2` as JSON.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
function describe(row: ExecutionRow, ending: Ending, isJson: boolean): Json {
  const shown = (text: string): Json => (isJson ? (JSON.parse(text) as Json) : text)
  const { scope, stateMachineName } = row
  return {
    ExecutionArn: arnOfExecution(row),
    Input: shown(row.input),
    InputDetails: { Included: true },
    Name: row.name,
    ...(ending.output === null ? {} : { Output: shown(ending.output), OutputDetails: { Included: true } }),
    ...(ending.error === null ? {} : { Error: ending.error }),
    ...(ending.cause === null ? {} : { Cause: ending.cause }),
    RedriveCount: row.redriveCount,
    ...(ending.status === 'SUCCEEDED'
      ? { RedriveStatus: 'NOT_REDRIVABLE', RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' }
      : { RedriveStatus: 'REDRIVABLE' }),
    StartDate: row.startedAtMs,
    StateMachineArn: stateMachineArn(scope, stateMachineName),
    Status: ending.status,
    StopDate: ending.stoppedAtMs,
  }
}
