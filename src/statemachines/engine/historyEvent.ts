import type { Json } from '../data/json.ts'

/**
 * Types of history events, in AWS's words.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export const HISTORY_EVENT_TYPES = [
  'ActivityFailed',
  'ActivityScheduled',
  'ActivityScheduleFailed',
  'ActivityStarted',
  'ActivitySucceeded',
  'ActivityTimedOut',
  'ChoiceStateEntered',
  'ChoiceStateExited',
  'EvaluationFailed',
  'ExecutionAborted',
  'ExecutionFailed',
  'ExecutionRedriven',
  'ExecutionStarted',
  'ExecutionSucceeded',
  'ExecutionTimedOut',
  'FailStateEntered',
  'LambdaFunctionFailed',
  'LambdaFunctionScheduled',
  'LambdaFunctionScheduleFailed',
  'LambdaFunctionStarted',
  'LambdaFunctionStartFailed',
  'LambdaFunctionSucceeded',
  'LambdaFunctionTimedOut',
  'MapIterationAborted',
  'MapIterationFailed',
  'MapIterationStarted',
  'MapIterationSucceeded',
  'MapRunAborted',
  'MapRunFailed',
  'MapRunRedriven',
  'MapRunStarted',
  'MapRunSucceeded',
  'MapStateAborted',
  'MapStateEntered',
  'MapStateExited',
  'MapStateFailed',
  'MapStateStarted',
  'MapStateSucceeded',
  'ParallelStateAborted',
  'ParallelStateEntered',
  'ParallelStateExited',
  'ParallelStateFailed',
  'ParallelStateStarted',
  'ParallelStateSucceeded',
  'PassStateEntered',
  'PassStateExited',
  'SucceedStateEntered',
  'SucceedStateExited',
  'TaskFailed',
  'TaskScheduled',
  'TaskStarted',
  'TaskStartFailed',
  'TaskStateAborted',
  'TaskStateEntered',
  'TaskStateExited',
  'TaskSubmitFailed',
  'TaskSubmitted',
  'TaskSucceeded',
  'TaskTimedOut',
  'WaitStateAborted',
  'WaitStateEntered',
  'WaitStateExited',
] as const

export type HistoryEventType = (typeof HISTORY_EVENT_TYPES)[number]

/** What AWS tells about an event in the member that is named for its type, for example `stateEnteredEventDetails`. */
export type EventDetails = { readonly [member: string]: Json }

/** One recorded step of an execution. Ids count from 1 without a gap. */
export interface HistoryEvent {
  readonly id: number
  /** The event that this one follows in its branch; 0 for the first. */
  readonly previousEventId: number
  readonly type: HistoryEventType
  /** Milliseconds since the epoch. */
  readonly timestampMs: number
  readonly details: EventDetails | null
  /** The invocation of a function that the event began; AWS does not tell it. */
  readonly invocationId?: string | undefined
}

/** JSON text with the note of AWS that nothing was cut off. */
export function inputDetails(input: Json): EventDetails {
  return { input: JSON.stringify(input), inputDetails: { truncated: false } }
}

/** As `inputDetails`, for what comes out. */
export function outputDetails(output: Json): EventDetails {
  return { output: JSON.stringify(output), outputDetails: { truncated: false } }
}

/** Error and cause, each only where there is one. */
export function errorDetails({ error, cause }: StateError): EventDetails {
  return { ...(error === null ? {} : { error }), ...(cause === null ? {} : { cause }) }
}

/** Why a state failed. A Fail state may leave out either. */
export interface StateError {
  readonly error: string | null
  readonly cause: string | null
}
