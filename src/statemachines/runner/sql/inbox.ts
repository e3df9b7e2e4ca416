import { isoTime, rowsStatement } from '../../../db/unnest.ts'
import type { InboxMessage } from '../executionEntry.ts'

/** Leaves messages for executions. Locks nothing; wakeExecutions follows in the same transaction. */
export const insertMessages = rowsStatement<InboxMessage>(
  'insert_execution_messages',
  [
    { name: 'execution_id', type: 'uuid', of: (row) => row.executionId },
    { name: 'body', type: 'text', of: (row) => row.body },
  ],
  (rows, names) => `INSERT INTO execution_inbox (${names}) SELECT ${names} FROM ${rows} ORDER BY ordinality`,
)

/**
 * Wakes executions that nobody has in memory, so that somebody takes them and their messages. One that is put out of
 * memory at the same moment is found by wakeForgotten.
 *
 * Locks: the rows of executions that rest, in the order of their ids; those that run are not touched.
 */
export const wakeExecutions = rowsStatement<InboxMessage>(
  'wake_executions',
  [
    { name: 'execution_id', type: 'uuid', of: (row) => row.executionId },
    { name: 'at', type: 'timestamptz', of: (row) => isoTime(row.atMs) },
  ],
  (rows) => `
    WITH resting AS (
      SELECT execution.id, input.at
      FROM execution JOIN ${rows} ON execution.id = input.execution_id
      WHERE execution.node_id IS NULL AND execution.status = 'RUNNING'
        AND (execution.wake_at IS NULL OR execution.wake_at > input.at)
      ORDER BY execution.id
      FOR UPDATE OF execution
    )
    UPDATE execution SET wake_at = resting.at FROM resting WHERE execution.id = resting.id`,
)

/**
 * Wakes executions that were put out of memory while a message was on its way to them, and drops what was sent to those
 * that are over. The inbox is almost always empty, so this is cheap. Parameter: now. Locks: as wakeExecutions.
 */
export const wakeForgotten = {
  name: 'wake_forgotten',
  text: `
    WITH over AS (
      DELETE FROM execution_inbox inbox USING execution
      WHERE execution.id = inbox.execution_id AND execution.status <> 'RUNNING'
    ), resting AS (
      SELECT execution.id FROM execution
      WHERE execution.id IN (SELECT execution_id FROM execution_inbox)
        AND execution.node_id IS NULL AND execution.status = 'RUNNING'
        AND (execution.wake_at IS NULL OR execution.wake_at > $1)
      ORDER BY execution.id
      FOR UPDATE
    )
    UPDATE execution SET wake_at = $1 FROM resting WHERE execution.id = resting.id`,
} as const

/**
 * Messages for the executions of a node, or for one of them. Takes no locks: only the node itself takes them. Parameters:
 * node, how many, execution or null.
 */
export const selectMessages = {
  name: 'select_execution_messages',
  text: `
    SELECT inbox.id, inbox.execution_id AS "executionId", inbox.body
    FROM execution_inbox inbox JOIN execution ON execution.id = inbox.execution_id
    WHERE execution.node_id = $1 AND ($3::uuid IS NULL OR execution.id = $3)
    ORDER BY inbox.id
    LIMIT $2`,
} as const

export interface MessageRow {
  readonly id: bigint
  readonly executionId: string
  readonly body: string
}

/** Takes messages out. Behind the fence of moveExecutions.ts. */
export const deleteMessages = rowsStatement<{ readonly id: bigint }>(
  'delete_execution_messages',
  [{ name: 'id', type: 'bigint', of: (row) => row.id }],
  (rows) => `DELETE FROM execution_inbox inbox USING ${rows} WHERE inbox.id = input.id`,
)
