/** Begins a Map Run, or finds the one that was begun before its node died. Locks its own row. */
export const insertMapRun = {
  name: 'insert_map_run',
  text: `
    INSERT INTO map_run (id, account_id, execution_id, task_id, arn, status, concurrency,
                         tolerated_failure_count, tolerated_failure_percentage, started_at)
    VALUES ($1, $2, $3, $4, $5, 'RUNNING', $6, $7, $8, $9)
    ON CONFLICT (execution_id, task_id) DO UPDATE SET status = map_run.status
    RETURNING id`,
} as const

/** Says how many children there are, once the items have been read to their end. Locks its own row. */
export const setMapRunTotal = {
  name: 'set_map_run_total',
  text: 'UPDATE map_run SET total = $2 WHERE id = $1',
} as const

/** How far a Map Run has come. Takes no locks. */
export const selectMapRunCounts = {
  name: 'select_map_run_counts',
  text: 'SELECT succeeded, failed, total FROM map_run WHERE id = $1',
} as const

/** The last child that has begun, and which below it have not: commits of several are in no order. Takes no locks. */
export const selectBegun = {
  name: 'select_begun_items',
  text: `
    WITH begun AS (
      SELECT count(*) AS count, coalesce(max(item_index), -1) AS last FROM execution WHERE map_run_id = $1
    )
    SELECT begun.last::int AS last, coalesce((
      SELECT array_agg(series.item_index ORDER BY series.item_index)
      FROM generate_series(0, begun.last) AS series(item_index)
      WHERE begun.count <= begun.last AND NOT EXISTS (
        SELECT FROM execution WHERE map_run_id = $1 AND execution.item_index = series.item_index
      )
    ), '{}')::int[] AS gaps
    FROM begun`,
} as const

/** Children that have ended, a page at a time in the order of their items. Takes no locks. */
export const selectResults = {
  name: 'select_item_results',
  text: `
    SELECT item_index AS "itemIndex", id, name, status, input, output, error, cause, machine_type AS "machineType",
           started_at AS "startedAt", stopped_at AS "stoppedAt"
    FROM execution
    WHERE map_run_id = $1 AND item_index > $2 AND status <> 'RUNNING'
    ORDER BY item_index
    LIMIT $3`,
} as const

export interface ResultRow {
  readonly itemIndex: number
  readonly id: string
  readonly name: string
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'
  readonly input: string
  readonly output: string | null
  readonly error: string | null
  readonly cause: string | null
  readonly machineType: 'STANDARD' | 'EXPRESS'
  readonly startedAt: Date
  readonly stoppedAt: Date
}

/** Ends a Map Run. Locks its own row. */
export const endMapRun = {
  name: 'end_map_run',
  text: 'UPDATE map_run SET status = $2, stopped_at = $3 WHERE id = $1',
} as const

/** Stops the children of a Map Run that has failed: leaves each a message. Locks: those that run, in their order. */
export const stopItems = {
  name: 'stop_items',
  text: `
    WITH going AS (
      SELECT id FROM execution WHERE map_run_id = $1 AND status = 'RUNNING' ORDER BY id FOR UPDATE
    ), told AS (
      INSERT INTO execution_inbox (execution_id, body) SELECT id, $2 FROM going
    )
    UPDATE execution SET wake_at = $3 FROM going WHERE execution.id = going.id AND execution.node_id IS NULL`,
} as const
