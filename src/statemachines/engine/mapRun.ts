import type { StateError } from './historyEvent.ts'

/** How far a Map Run has come. */
export interface MapRunCounts {
  readonly succeeded: number
  readonly failed: number
  /** How many child executions there are; null as long as the items have not been read to their end. */
  readonly total: number | null
}

/** How many child executions may fail. Null where the state does not say; where it says nothing, none may. */
export interface FailureTolerance {
  readonly toleratedFailureCount: number | null
  /** From 0 to 100. */
  readonly toleratedFailurePercentage: number | null
}

export type MapRunVerdict = 'GOES_ON' | 'SUCCEEDED' | 'FAILED'

/** What a Map Run that fails says. */
export const EXCEEDED_TOLERANCE: StateError = {
  error: 'States.ExceedToleratedFailureThreshold',
  cause: 'The specified tolerated failure threshold was exceeded',
}

/**
 * Whether a Map Run goes on. A count is judged at once, a percentage once the number of items is known.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html#maprun-fail-threshold
 */
export function mapRunVerdict({ succeeded, failed, total }: MapRunCounts, tolerance: FailureTolerance): MapRunVerdict {
  const { toleratedFailureCount: count, toleratedFailurePercentage: percentage } = tolerance
  if (failed > (count ?? (percentage === null ? 0 : Number.POSITIVE_INFINITY))) return 'FAILED'
  if (total === null) return 'GOES_ON'
  if (percentage !== null && failed * 100 > percentage * total) return 'FAILED'
  return succeeded + failed === total ? 'SUCCEEDED' : 'GOES_ON'
}
