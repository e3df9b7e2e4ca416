import type { Pool } from 'pg'
import { notifyCall, topics } from '../../events/topics.ts'
import type { Wakeups } from '../../events/wakeups.ts'
import type { Clock } from '../../model/clock.ts'
import type { ExecutionRecord } from './executionRecords.ts'

/**
 * Leaves a message for an execution that runs, wakes it where it rests, and tells the nodes. Parameters: execution,
 * message, now. Answers a row unless it has ended.
 *
 * Locks: the execution's row, so that it neither ends nor is put out of memory in between.
 */
const leaveMessage = {
  name: 'leave_execution_message',
  text: `
    WITH going AS (
      SELECT id, node_id FROM execution WHERE id = $1 AND status = 'RUNNING' FOR UPDATE
    ), told AS (
      INSERT INTO execution_inbox (execution_id, body) SELECT id, $2 FROM going
    ), woken AS (
      UPDATE execution SET wake_at = $3 FROM going WHERE execution.id = going.id AND going.node_id IS NULL
    )
    SELECT going.id, ${notifyCall(`'${topics.executions}'`)} FROM going`,
} as const

/** Asks an execution to end as ABORTED. One that has ended stays as it is. Resolves when the request is durable. */
export async function stopExecution(
  { database, wakeups, clock }: { database: Pool; wakeups: Wakeups; clock: Clock },
  { id }: ExecutionRecord,
  error: string | null,
  cause: string | null,
): Promise<void> {
  const body = JSON.stringify({ kind: 'STOPPED', error, cause })
  await database.query({ ...leaveMessage, values: [id, body, new Date(clock.now())] })
  wakeups.wake([topics.executions], 0n)
}
