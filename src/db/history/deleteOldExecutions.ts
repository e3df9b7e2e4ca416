import type { ClientBase } from 'pg'
import { firstKey } from '../../model/historyDays.ts'

const LARGEST_DELETION = 1_000

/**
 * Executions that ended before a time, with their events and Map Runs. Those that began before it are found by their
 * ids; one that has run for longer than the retention is kept by when it ended. Locks the executions that it deletes.
 * Definitions stay: nodes remember which of them are written.
 */
const deleteExecutions = {
  name: 'delete_old_executions',
  text: `
    WITH old AS (
      SELECT id FROM execution
      WHERE id < $1::uuid AND status <> 'RUNNING' AND stopped_at < $2
      ORDER BY id
      LIMIT $3
      FOR UPDATE SKIP LOCKED
    ), events AS (
      DELETE FROM execution_event event USING old WHERE event.execution_id = old.id
    ), stimuli AS (
      DELETE FROM execution_stimulus stimulus USING old WHERE stimulus.execution_id = old.id
    ), map_runs AS (
      DELETE FROM map_run USING old WHERE map_run.execution_id = old.id
    )
    DELETE FROM execution USING old WHERE execution.id = old.id`,
} as const

/** Deletes executions that ended before a time, some at a time. */
export async function deleteOldExecutions(client: ClientBase, beforeMs: number): Promise<void> {
  const values = [firstKey('UUID', beforeMs), new Date(beforeMs), LARGEST_DELETION]
  for (let count: number | null = LARGEST_DELETION; count === LARGEST_DELETION; ) {
    const { rowCount } = await client.query({ ...deleteExecutions, values })
    count = rowCount
  }
}
