import { nextQueueState } from '../model/queueTransition.ts'
import { type Journal, LeaseLostFault } from './journal.ts'
import type { JournalEntry } from './journalEntry.ts'
import type { LeasedInvocation } from './leasedInvocation.ts'
import { invocationEvent, leaseChange, TOO_OLD } from './leaseRows.ts'

/**
 * Gives up a lease whose attempt came to nothing by the platform's fault: the invocation waits again, or is too old.
 * Where somebody else has ended the lease meanwhile nothing is written, and nothing was to be done.
 */
export async function returnLease(journal: Journal, leased: LeasedInvocation, nowMs: number): Promise<void> {
  try {
    await journal.write(lossEntry(leased, nowMs))
  } catch (error) {
    if (!(error instanceof LeaseLostFault)) throw error
  }
}

/** The rows of a lease that is given up: the attempt is lost, the invocation waits again or is too old. */
function lossEntry(leased: LeasedInvocation, nowMs: number): JournalEntry {
  const { id, state, policy, pinnedNumber } = leased
  const next = nextQueueState(state, { kind: 'LOST', nowMs }, policy)
  const lostAttempt = { invocationId: id, number: state.attempts }
  if (next.kind === 'WAITING') {
    return {
      lease: leaseChange(leased, next, pinnedNumber),
      lostAttempt,
      invocationEvents: [invocationEvent(id, 'RELEASED', state.attempts, nowMs, next.dueAtMs)],
    }
  }
  return {
    lease: leaseChange(leased, null),
    lostAttempt,
    finish: {
      id,
      executedVersion: pinnedNumber,
      status: 'FAILED',
      finishedAtMs: nowMs,
      result: JSON.stringify({ errorType: 'EventAgeExceeded', errorMessage: TOO_OLD }),
      functionError: null,
    },
    invocationEvents: [invocationEvent(id, 'FAILED', state.attempts, nowMs, null)],
  }
}
