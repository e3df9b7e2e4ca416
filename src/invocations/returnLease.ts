import { PlatformFault } from '../errors.ts'
import { nextQueueState } from '../model/queueTransition.ts'
import { type Journal, LeaseLostFault } from './journal.ts'
import type { JournalEntry } from './journalEntry.ts'
import type { LeasedInvocation } from './leasedInvocation.ts'
import { invocationEvent, leaseChange } from './leaseRows.ts'

/**
 * Gives up a lease whose attempt came to nothing by the platform's fault: the invocation waits again.
 * Where somebody else has ended the lease meanwhile nothing is written, and nothing was to be done.
 */
export async function returnLease(journal: Journal, leased: LeasedInvocation, nowMs: number): Promise<void> {
  try {
    await journal.write(lossEntry(leased, nowMs))
  } catch (error) {
    if (!(error instanceof LeaseLostFault)) throw error
  }
}

/** The rows of a lease that is given up: the attempt is lost, the invocation waits again. */
function lossEntry(leased: LeasedInvocation, nowMs: number): JournalEntry {
  const { id, state, policy, pinnedNumber } = leased
  const next = nextQueueState(state, { kind: 'LOST', nowMs }, policy)
  if (next.kind !== 'WAITING') throw new PlatformFault(`a lost attempt cannot leave an invocation ${next.kind}`)
  return {
    lease: leaseChange(leased, next, pinnedNumber),
    lostAttempt: { invocationId: id, number: state.attempts },
    invocationEvents: [invocationEvent(id, 'RELEASED', state.attempts, nowMs, next.dueAtMs)],
  }
}
