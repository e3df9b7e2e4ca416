import type { QueueState } from '../model/queueTransition.ts'
import type { InvocationEventRow, LeaseChange } from './journalEntry.ts'
import type { LeasedInvocation } from './leasedInvocation.ts'

/** Why an invocation ends that no attempt can be made of in time. */
export const TOO_OLD = 'The event became too old to be tried again.'

/** The end of a lease: with another turn in the queue, or, without `next`, with the invocation. */
export function leaseChange(
  { id, state }: LeasedInvocation,
  next: Extract<QueueState, { kind: 'WAITING' }> | null,
  versionNumber: number | null = null,
): LeaseChange {
  const requeue = next && {
    dueAtMs: next.dueAtMs,
    attempts: next.attempts,
    failures: next.failures,
    throttles: next.throttles,
    versionNumber,
  }
  return { invocationId: id, nodeId: state.nodeId, attempts: state.attempts, requeue }
}

/** One step in the life of an invocation. */
export function invocationEvent(
  invocationId: string,
  type: InvocationEventRow['type'],
  attempt: number | null,
  timestampMs: number,
  nextAttemptAtMs: number | null,
): InvocationEventRow {
  return { invocationId, type, timestampMs, attempt, nextAttemptAtMs }
}
