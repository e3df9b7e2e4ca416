import { describe, expect, it, test } from 'vitest'
import { HISTORY_EVENT_TYPES } from '../../src/statemachines/engine/historyEvent.ts'
import { loggedTypes } from '../../src/statemachines/executions/logLevels.ts'
import { recordedExecutions } from '../kit/asl/recordedExecutions.ts'

/**
 * AWS's table as it stood in November 2026: the types that ERROR logs, and of those the ones that FATAL logs too.
 * https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-log-level
 */
const AWS_FATAL = 'ExecutionAborted ExecutionFailed ExecutionTimedOut'.split(' ')
const AWS_ERROR = [
  ...AWS_FATAL,
  ...`FailStateEntered LambdaFunctionFailed LambdaFunctionScheduleFailed LambdaFunctionStartFailed LambdaFunctionTimedOut
    MapIterationAborted MapIterationFailed MapRunAborted MapRunFailed MapStateAborted MapStateFailed ParallelStateAborted
    ParallelStateFailed TaskFailed TaskStartFailed TaskStateAborted TaskSubmitFailed TaskTimedOut WaitStateAborted`.split(
    /\s+/,
  ),
]
const AWS_ALL = [
  ...AWS_ERROR,
  ...`ChoiceStateEntered ChoiceStateExited ExecutionStarted ExecutionSucceeded LambdaFunctionScheduled LambdaFunctionStarted
    LambdaFunctionSucceeded MapIterationStarted MapIterationSucceeded MapStateEntered MapStateExited MapStateStarted
    MapStateSucceeded ParallelStateEntered ParallelStateExited ParallelStateStarted ParallelStateSucceeded PassStateEntered
    PassStateExited SucceedStateEntered SucceedStateExited TaskScheduled TaskStarted TaskStateEntered TaskStateExited
    TaskSubmitted TaskSucceeded WaitStateEntered WaitStateExited`.split(/\s+/),
]
/** Types that AWS's table leaves out. */
const UNLISTED_FAILURES = ['ActivityFailed', 'ActivityScheduleFailed', 'ActivityTimedOut', 'EvaluationFailed']
const UNLISTED = [
  ...UNLISTED_FAILURES,
  ...'ActivityScheduled ActivityStarted ActivitySucceeded ExecutionRedriven'.split(' '),
  ...'MapRunRedriven MapRunStarted MapRunSucceeded'.split(' '),
]

describe('the logging level', () => {
  test.each(HISTORY_EVENT_TYPES)('of %s is the one of AWS', (type) => {
    expect(AWS_ALL.includes(type) || UNLISTED.includes(type)).toBe(true)
    const isFailure = AWS_ERROR.includes(type) || UNLISTED_FAILURES.includes(type)
    expect({
      ALL: loggedTypes('ALL').includes(type),
      ERROR: loggedTypes('ERROR').includes(type),
      FATAL: loggedTypes('FATAL').includes(type),
      OFF: loggedTypes('OFF').includes(type),
    }).toEqual({ ALL: true, ERROR: isFailure, FATAL: AWS_FATAL.includes(type), OFF: false })
  })

  it('is known of all types that AWS names, and of all that its recorded executions have', () => {
    const known: readonly string[] = HISTORY_EVENT_TYPES
    const types = new Set(recordedExecutions().flatMap(({ expect: recorded }) => recorded.eventTypes ?? []))
    expect(types.size).toBeGreaterThan(30)
    expect([...AWS_ALL, ...UNLISTED, ...types].filter((type) => !known.includes(type))).toEqual([])
  })
})
