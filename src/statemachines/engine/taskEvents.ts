import type { Json } from '../data/json.ts'
import type { EventDetails, HistoryEventType, StateError } from './historyEvent.ts'
import { errorDetails, inputDetails, outputDetails } from './historyEvent.ts'
import type { TaskFailure } from './stimulus.ts'
import type { TaskOrder } from './taskOrder.ts'

/** An event of a task: its type depends on what kind of a task it is. */
export interface TaskEvent {
  readonly type: HistoryEventType
  readonly details: EventDetails | null
}

export function scheduledEvent(order: TaskOrder, region: string): TaskEvent {
  switch (order.kind) {
    case 'FUNCTION':
      return {
        type: 'LambdaFunctionScheduled',
        details: { resource: order.functionArn, ...inputDetails(order.input), ...timeouts(order) },
      }
    case 'ACTIVITY':
      return {
        type: 'ActivityScheduled',
        details: { resource: order.activityArn, ...inputDetails(order.input), ...timeouts(order) },
      }
    case 'SERVICE':
      return {
        type: 'TaskScheduled',
        details: { ...service(order), region, parameters: JSON.stringify(order.parameters), ...timeouts(order) },
      }
    case 'MAP_RUN':
      return { type: 'MapRunStarted', details: { mapRunArn: order.mapRunArn } }
  }
}

/** Null for a Map Run: what schedules it starts it. */
export function startedEvent(order: TaskOrder, workerName: string | null): TaskEvent | null {
  switch (order.kind) {
    case 'FUNCTION':
      return { type: 'LambdaFunctionStarted', details: null }
    case 'ACTIVITY':
      return { type: 'ActivityStarted', details: workerName === null ? null : { workerName } }
    case 'SERVICE':
      return { type: 'TaskStarted', details: service(order) }
    case 'MAP_RUN':
      return null
  }
}

/** Null for tasks that are never only submitted. */
export function submittedEvent(order: TaskOrder, output: Json): TaskEvent | null {
  if (order.kind !== 'SERVICE') return null
  return { type: 'TaskSubmitted', details: { ...service(order), ...outputDetails(output) } }
}

export function succeededEvent(order: TaskOrder, output: Json): TaskEvent {
  switch (order.kind) {
    case 'FUNCTION':
      return { type: 'LambdaFunctionSucceeded', details: outputDetails(output) }
    case 'ACTIVITY':
      return { type: 'ActivitySucceeded', details: outputDetails(output) }
    case 'SERVICE':
      return { type: 'TaskSucceeded', details: { ...service(order), ...outputDetails(output) } }
    case 'MAP_RUN':
      return { type: 'MapRunSucceeded', details: null }
  }
}

export function failedEvent(order: TaskOrder, failure: TaskFailure): TaskEvent {
  const details = errorDetails(failure)
  switch (order.kind) {
    case 'FUNCTION':
      return { type: FUNCTION_FAILURES[failure.kind], details }
    case 'ACTIVITY':
      return { type: failure.kind === 'FAILED' ? 'ActivityFailed' : 'ActivityScheduleFailed', details }
    case 'SERVICE':
      return { type: SERVICE_FAILURES[failure.kind], details: { ...service(order), ...details } }
    case 'MAP_RUN':
      return { type: 'MapRunFailed', details }
  }
}

/** A task has timed out, or its heartbeat has stayed away. */
export const TASK_TIMEOUT: StateError = { error: 'States.Timeout', cause: null }

export function timedOutEvent(order: TaskOrder): TaskEvent {
  const details = errorDetails(TASK_TIMEOUT)
  switch (order.kind) {
    case 'FUNCTION':
      return { type: 'LambdaFunctionTimedOut', details }
    case 'ACTIVITY':
      return { type: 'ActivityTimedOut', details }
    case 'SERVICE':
      return { type: 'TaskTimedOut', details: { ...service(order), ...details } }
    case 'MAP_RUN':
      return { type: 'MapRunFailed', details }
  }
}

const FUNCTION_FAILURES = {
  FAILED: 'LambdaFunctionFailed',
  START_FAILED: 'LambdaFunctionStartFailed',
  SUBMIT_FAILED: 'LambdaFunctionScheduleFailed',
} as const
const SERVICE_FAILURES = {
  FAILED: 'TaskFailed',
  START_FAILED: 'TaskStartFailed',
  SUBMIT_FAILED: 'TaskSubmitFailed',
} as const

function service({ resourceType, resource }: Extract<TaskOrder, { kind: 'SERVICE' }>): EventDetails {
  return { resourceType, resource }
}

function timeouts(order: { timeoutSeconds: number | null; heartbeatSeconds?: number | null }): EventDetails {
  return {
    ...(order.timeoutSeconds === null ? {} : { timeoutInSeconds: order.timeoutSeconds }),
    ...(order.heartbeatSeconds == null ? {} : { heartbeatInSeconds: order.heartbeatSeconds }),
  }
}
