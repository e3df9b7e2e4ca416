import { rowsStatement } from '../../db/unnest.ts'

/**
 * Takes waiting invocations out of the queue and returns the ids that were really taken. A row is taken only while it is
 * leased to nobody.
 *
 * Locks: the rows by their ids. A claim skips a row that is locked here; one that was quicker has written its node into
 * the row, and READ COMMITTED checks the condition again after the wait: of cancelling and claiming exactly one happens.
 */
export const cancelInvocations = rowsStatement<{ readonly invocationId: string }, { id: string }>(
  'cancel_invocations',
  [{ name: 'id', type: 'uuid', of: (row) => row.invocationId }],
  (rows) => `
    DELETE FROM queued_invocation queued USING ${rows}
    WHERE queued.id = input.id AND queued.node_id IS NULL
    RETURNING queued.id`,
)
