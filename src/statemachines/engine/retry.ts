import type { Retrier } from '../definition/types.ts'
import type { StateError } from './historyEvent.ts'

/** Errors that only their own name catches, or none at all. */
const NOT_OF_ALL: ReadonlySet<string> = new Set(['States.Runtime', 'States.DataLimitExceeded'])
/** States.TaskFailed stands for every error of a task but these. */
const NOT_OF_TASK_FAILED: ReadonlySet<string> = new Set([
  'States.Timeout',
  'States.Runtime',
  'States.DataLimitExceeded',
])

/**
 * Whether a retrier or catcher is meant: by name, as `States.ALL`, or, of a task, as `States.TaskFailed`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function matchesError(errorEquals: readonly string[], { error }: StateError, isTask: boolean): boolean {
  return errorEquals.some((name) => {
    if (name === error) return true
    if (name === 'States.ALL') return error === null || !NOT_OF_ALL.has(error)
    return name === 'States.TaskFailed' && isTask && (error === null || !NOT_OF_TASK_FAILED.has(error))
  })
}

const DEFAULT_INTERVAL_SECONDS = 1
const DEFAULT_ATTEMPTS = 3
const DEFAULT_BACKOFF_RATE = 2

/** How long to wait before the next try, in milliseconds; null where the retrier has retried as often as it may. */
export function retryDelayMs(retrier: Retrier, retriesBefore: number, random: () => number): number | null {
  if (retriesBefore >= (retrier.MaxAttempts ?? DEFAULT_ATTEMPTS)) return null
  const interval = retrier.IntervalSeconds ?? DEFAULT_INTERVAL_SECONDS
  const grown = interval * (retrier.BackoffRate ?? DEFAULT_BACKOFF_RATE) ** retriesBefore
  const seconds = Math.min(grown, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY)
  const delayMs = Math.min(seconds * 1000, LONGEST_DELAY_MS)
  return retrier.JitterStrategy === 'FULL' ? random() * delayMs : delayMs
}

/** A year: executions do not last longer. */
const LONGEST_DELAY_MS = 365 * 86_400_000
