import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { LeaseChange, Requeue } from '../journalEntry.ts'

/** A lease that ends with another turn in the queue. */
export interface RequeuedLease extends LeaseChange {
  readonly requeue: Requeue
}

/**
 * Puts leased invocations back into the queue and returns the ids that were really put back. The same fence and the
 * same argument about locks as in completeLeases: only who holds the lease can end it.
 */
export const requeueLeases = rowsStatement<RequeuedLease, { id: string }>(
  'requeue_leases',
  [
    { name: 'id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'node_id', type: 'uuid', of: (row) => row.nodeId },
    { name: 'held_attempts', type: 'int', of: (row) => row.attempts },
    { name: 'due_at', type: 'timestamptz', of: (row) => isoTime(row.requeue.dueAtMs) },
    { name: 'attempts', type: 'int', of: (row) => row.requeue.attempts },
    { name: 'failures', type: 'int', of: (row) => row.requeue.failures },
    { name: 'throttles', type: 'int', of: (row) => row.requeue.throttles },
    { name: 'version_number', type: 'int', of: (row) => row.requeue.versionNumber },
  ],
  (rows) => `
    UPDATE queued_invocation queued
    SET node_id = NULL, due_at = input.due_at, attempts = input.attempts, failures = input.failures,
        throttles = input.throttles, version_number = input.version_number
    FROM ${rows}
    WHERE queued.id = input.id AND queued.node_id = input.node_id AND queued.attempts = input.held_attempts
    RETURNING queued.id`,
)
