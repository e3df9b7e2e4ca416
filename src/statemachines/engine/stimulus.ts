import type { Json } from '../data/json.ts'
import type { StateError } from './historyEvent.ts'

/** What can happen to an execution. All it depends on is in here and in the time that comes with it. */
export type Stimulus =
  | { kind: 'STARTED' }
  /** Time has passed, or there was more to do than one look allows. */
  | { kind: 'CLOCK' }
  /** `requestId` is that of the invocation, where it is a function's; `workerName` the worker's, where it is an activity's. */
  | { kind: 'TASK_STARTED'; taskId: number; requestId?: string; workerName?: string | null }
  /** The task was taken, and its result comes later: `.sync`, `.waitForTaskToken`. */
  | { kind: 'TASK_SUBMITTED'; taskId: number; output: Json }
  | { kind: 'TASK_SUCCEEDED'; taskId: number; output: Json }
  | { kind: 'TASK_FAILED'; taskId: number; failure: TaskFailure }
  | { kind: 'TASK_HEARTBEAT'; taskId: number }
  | ({ kind: 'STOPPED' } & StateError)
  | { kind: 'REDRIVEN'; redriveCount: number }

/** FAILED: it ran. START_FAILED, SUBMIT_FAILED: the call could not be made, or was refused. */
export interface TaskFailure extends StateError {
  readonly kind: 'FAILED' | 'START_FAILED' | 'SUBMIT_FAILED'
}
