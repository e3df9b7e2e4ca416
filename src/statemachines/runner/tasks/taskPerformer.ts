import type { Stimulus } from '../../engine/stimulus.ts'
import type { TaskOrder } from '../../engine/taskOrder.ts'
import type { ExecutionRow } from '../executionFacts.ts'
import type { RunTask, TaskEnd } from '../runningExecution.ts'

/** A task of one kind, to be carried out. */
export type TaskOf<Kind extends TaskOrder['kind']> = RunTask & { readonly order: Extract<TaskOrder, { kind: Kind }> }

/** Of whoever asks for a task: its own id, which names what the task begins, and whose it is. */
export type TaskOwner = Pick<ExecutionRow, 'id' | 'scope'>

/**
 * Carries out tasks of one kind. Answers what has become of it, TASK_SUBMITTED where the result comes by message, or
 * null where there is nothing to say. What the task does wrong is an answer; only the platform's faults are thrown.
 */
export type TaskPerformer<Kind extends TaskOrder['kind'], Owner = TaskOwner> = (
  execution: Owner,
  task: TaskOf<Kind>,
  signal: AbortSignal,
) => Promise<TaskEnd | null>

/** The parts that tasks are carried out by. */
export interface TaskPerformers {
  readonly runFunction: TaskPerformer<'FUNCTION'>
  readonly callService: TaskPerformer<'SERVICE'>
  readonly runMap: TaskPerformer<'MAP_RUN', ExecutionRow>
}

export function performerOf({ runFunction, callService, runMap }: TaskPerformers) {
  return async (execution: ExecutionRow, task: RunTask, signal: AbortSignal): Promise<TaskEnd | null> => {
    if (!isCallOfFunction(task.order)) await task.begun
    switch (task.order.kind) {
      case 'FUNCTION':
        return runFunction(execution, task as TaskOf<'FUNCTION'>, signal)
      case 'SERVICE':
        return callService(execution, task as TaskOf<'SERVICE'>, signal)
      case 'MAP_RUN':
        return runMap(execution, task as TaskOf<'MAP_RUN'>, signal)
      case 'ACTIVITY':
        return null
    }
  }
}

/** Functions are looked up while the beginning of their task is written, and wait for it themselves. */
function isCallOfFunction(order: TaskOrder): boolean {
  return (
    order.kind === 'FUNCTION' ||
    (order.kind === 'SERVICE' && order.resourceType === 'lambda' && order.action === 'invoke')
  )
}

/** The end of a task that ran no function. */
export function ended(stimulus: Stimulus): TaskEnd {
  return { stimulus, invocation: null }
}

/** A task that has failed, as a stimulus. */
export function failed(
  taskId: number,
  error: string,
  cause: string,
  kind: 'FAILED' | 'START_FAILED' | 'SUBMIT_FAILED' = 'FAILED',
): Stimulus {
  return { kind: 'TASK_FAILED', taskId, failure: { kind, error, cause } }
}
