import { type Column, isoTime, rowsStatement } from '../../../db/unnest.ts'
import type { ExecutionMove, NextOfExecution } from '../executionEntry.ts'

type Moved<Kind extends NextOfExecution['kind']> = ExecutionMove & {
  readonly next: Extract<NextOfExecution, { kind: Kind }>
}

const PROGRESS: readonly Column<ExecutionMove>[] = [
  { name: 'id', type: 'uuid', of: (row) => row.id },
  { name: 'node_id', type: 'uuid', of: (row) => row.nodeId },
  { name: 'sequence_before', type: 'int', of: (row) => row.sequenceBefore },
  { name: 'sequence', type: 'int', of: (row) => row.sequence },
  { name: 'last_event_id', type: 'int', of: (row) => row.lastEventId },
  { name: 'transitions', type: 'int', of: (row) => row.transitions },
]

const SET_PROGRESS = 'sequence = input.sequence, last_event_id = input.last_event_id, transitions = input.transitions'

/*
 * All three take a row only while it is this node's and nothing was written since: node and sequence together are the
 * fence that keeps a node that was given up for dead from going on with what another one has taken over. They answer
 * the ids that were taken.
 *
 * Locks: the rows by their ids. Others who want them are whoever leaves a message (wakeExecutions.ts) and a take-over;
 * whoever comes second finds the row as the first has left it, since READ COMMITTED checks the condition again.
 */
const FENCE =
  'execution.id = input.id AND execution.node_id = input.node_id AND execution.sequence = input.sequence_before'

/** Executions that stay in memory. Changes no column of an index. */
export const moveExecutions = rowsStatement<ExecutionMove, { id: string }>(
  'move_executions',
  PROGRESS,
  (rows) => `UPDATE execution SET ${SET_PROGRESS} FROM ${rows} WHERE ${FENCE} RETURNING execution.id`,
)

/** Executions that are put out of memory: what they need to go on is their snapshot. */
export const restExecutions = rowsStatement<Moved<'RESTS'>, { id: string }>(
  'rest_executions',
  [
    ...PROGRESS,
    { name: 'snapshot', type: 'text', of: (row) => row.next.snapshot },
    { name: 'wake_at', type: 'timestamptz', of: (row) => isoTime(row.next.wakeAtMs) },
  ],
  (rows) => `
    UPDATE execution
    SET ${SET_PROGRESS}, node_id = NULL, wake_at = input.wake_at,
        snapshot = input.snapshot, snapshot_sequence = input.sequence
    FROM ${rows} WHERE ${FENCE} RETURNING execution.id`,
)

/** Executions that are over. */
export const endExecutions = rowsStatement<Moved<'ENDED'>, { id: string }>(
  'end_executions',
  [
    ...PROGRESS,
    { name: 'status', type: 'text', of: (row) => row.next.status },
    { name: 'stopped_at', type: 'timestamptz', of: (row) => isoTime(row.next.stoppedAtMs) },
    { name: 'output', type: 'text', of: (row) => row.next.output },
    { name: 'error', type: 'text', of: (row) => row.next.error },
    { name: 'cause', type: 'text', of: (row) => row.next.cause },
    { name: 'snapshot', type: 'text', of: (row) => row.next.snapshot },
  ],
  (rows) => `
    UPDATE execution
    SET ${SET_PROGRESS}, node_id = NULL, status = input.status, stopped_at = input.stopped_at, output = input.output,
        billed_transitions = input.transitions, error = input.error, cause = input.cause, snapshot = input.snapshot, snapshot_sequence = input.sequence
    FROM ${rows} WHERE ${FENCE} RETURNING execution.id`,
)
