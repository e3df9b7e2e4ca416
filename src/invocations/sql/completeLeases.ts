import { rowsStatement } from '../../db/unnest.ts'
import type { LeaseChange } from '../journalEntry.ts'

/**
 * Takes finished invocations out of the queue and returns the ids that were really taken. A row is taken only while it
 * is leased to this node for this attempt: node and attempt together are the fence that keeps a node that was given up
 * for dead from completing, and billing, what another one has taken over.
 *
 * Locks: the rows by their ids, one holder each (the lease), so the only other candidate is a take-over of the same
 * row; whoever comes second finds the fence changed, since READ COMMITTED checks the condition again after the wait.
 */
export const completeLeases = rowsStatement<LeaseChange, { id: string }>(
  'complete_leases',
  [
    { name: 'id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'node_id', type: 'uuid', of: (row) => row.nodeId },
    { name: 'attempts', type: 'int', of: (row) => row.attempts },
  ],
  (rows) => `
    DELETE FROM queued_invocation queued USING ${rows}
    WHERE queued.id = input.id AND queued.node_id = input.node_id AND queued.attempts = input.attempts
    RETURNING queued.id`,
)
