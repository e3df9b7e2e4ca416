import { HISTORY_EVENT_TYPES, type HistoryEventType } from '../engine/historyEvent.ts'
import type { LoggingLevel } from '../machines/machineRecords.ts'

/** The first of the levels FATAL, ERROR and ALL that logs an event; the levels behind it log it too. */
export type FirstLevel = Exclude<LoggingLevel, 'OFF'>

/**
 * Which event is logged from which level on: AWS's table, line by line, and behind it the types of events that AWS's table
 * leaves out, which are placed as their like in it.
 * https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-log-level
 */
export const FIRST_LEVELS: { readonly [Type in HistoryEventType]: FirstLevel } = {
  ChoiceStateEntered: 'ALL',
  ChoiceStateExited: 'ALL',
  ExecutionAborted: 'FATAL',
  ExecutionFailed: 'FATAL',
  ExecutionStarted: 'ALL',
  ExecutionSucceeded: 'ALL',
  ExecutionTimedOut: 'FATAL',
  FailStateEntered: 'ERROR',
  LambdaFunctionFailed: 'ERROR',
  LambdaFunctionScheduled: 'ALL',
  LambdaFunctionScheduleFailed: 'ERROR',
  LambdaFunctionStarted: 'ALL',
  LambdaFunctionStartFailed: 'ERROR',
  LambdaFunctionSucceeded: 'ALL',
  LambdaFunctionTimedOut: 'ERROR',
  MapIterationAborted: 'ERROR',
  MapIterationFailed: 'ERROR',
  MapIterationStarted: 'ALL',
  MapIterationSucceeded: 'ALL',
  MapRunAborted: 'ERROR',
  MapRunFailed: 'ERROR',
  MapStateAborted: 'ERROR',
  MapStateEntered: 'ALL',
  MapStateExited: 'ALL',
  MapStateFailed: 'ERROR',
  MapStateStarted: 'ALL',
  MapStateSucceeded: 'ALL',
  ParallelStateAborted: 'ERROR',
  ParallelStateEntered: 'ALL',
  ParallelStateExited: 'ALL',
  ParallelStateFailed: 'ERROR',
  ParallelStateStarted: 'ALL',
  ParallelStateSucceeded: 'ALL',
  PassStateEntered: 'ALL',
  PassStateExited: 'ALL',
  SucceedStateEntered: 'ALL',
  SucceedStateExited: 'ALL',
  TaskFailed: 'ERROR',
  TaskScheduled: 'ALL',
  TaskStarted: 'ALL',
  TaskStartFailed: 'ERROR',
  TaskStateAborted: 'ERROR',
  TaskStateEntered: 'ALL',
  TaskStateExited: 'ALL',
  TaskSubmitFailed: 'ERROR',
  TaskSubmitted: 'ALL',
  TaskSucceeded: 'ALL',
  TaskTimedOut: 'ERROR',
  WaitStateAborted: 'ERROR',
  WaitStateEntered: 'ALL',
  WaitStateExited: 'ALL',

  // Not in AWS's table.
  ActivityFailed: 'ERROR',
  ActivityScheduled: 'ALL',
  ActivityScheduleFailed: 'ERROR',
  ActivityStarted: 'ALL',
  ActivitySucceeded: 'ALL',
  ActivityTimedOut: 'ERROR',
  EvaluationFailed: 'ERROR',
  ExecutionRedriven: 'ALL',
  MapRunRedriven: 'ALL',
  MapRunStarted: 'ALL',
  MapRunSucceeded: 'ALL',
}

const LOGGED_FROM: { readonly [Level in LoggingLevel]: readonly FirstLevel[] } = {
  ALL: ['ALL', 'ERROR', 'FATAL'],
  ERROR: ['ERROR', 'FATAL'],
  FATAL: ['FATAL'],
  OFF: [],
}

/** The types of events that a level logs: all, what goes wrong, what ends an execution badly, or none. */
export function loggedTypes(level: LoggingLevel): readonly HistoryEventType[] {
  const firstLevels = LOGGED_FROM[level]
  return HISTORY_EVENT_TYPES.filter((type) => firstLevels.includes(FIRST_LEVELS[type]))
}
