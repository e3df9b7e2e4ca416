import { UserFault } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import type { InvocationRecord } from '../model/records.ts'
import { type Journal, NotWaitingFault } from './journal.ts'
import { invocationEvent } from './leaseRows.ts'

/**
 * Ends an invocation that waits for its first or its next attempt. Resolves when that is durable. RESOURCE_CONFLICT
 * where it runs or is done: exactly one of a cancellation and an attempt happens.
 */
export async function cancelInvocation(journal: Journal, clock: Clock, invocation: InvocationRecord): Promise<void> {
  const { id, executedVersion, functionError } = invocation
  const nowMs = clock.now()
  try {
    await journal.write({
      cancellation: { invocationId: id },
      finish: {
        id,
        executedVersion,
        status: 'CANCELLED',
        finishedAtMs: nowMs,
        result: invocation.result,
        functionError,
        condition: 'Cancelled',
      },
      invocationEvents: [invocationEvent(id, 'CANCELLED', null, nowMs, null)],
    })
  } catch (error) {
    if (!(error instanceof NotWaitingFault)) throw error
    const message = `Invocation ${id} runs or is done. Only one that waits for an attempt can be cancelled.`
    throw new UserFault('RESOURCE_CONFLICT', message, ['input', 'requestId'])
  }
}
