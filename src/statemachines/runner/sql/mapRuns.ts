/** Begins a Map Run, or finds the one that was begun before its node died. Locks its own row. */
export const insertMapRun = {
  name: 'insert_map_run',
  text: `
    INSERT INTO map_run (id, account_id, execution_id, task_id, arn, status, concurrency,
                         tolerated_failure_count, tolerated_failure_percentage, total, started_at)
    VALUES ($1, $2, $3, $4, $5, 'RUNNING', $6, $7, $8, $9, $10)
    ON CONFLICT (execution_id, task_id) DO UPDATE SET status = map_run.status
    RETURNING id`,
} as const

/** How far a Map Run has come. Takes no locks. */
export const selectMapRunCounts = {
  name: 'select_map_run_counts',
  text: 'SELECT succeeded, failed, total FROM map_run WHERE id = $1',
} as const

/** How many children a Map Run has begun, and the last of them. Takes no locks. */
export const selectBegun = {
  name: 'select_begun_items',
  text: `
    SELECT count(*)::int AS count, coalesce(max(item_index), -1)::int AS last
    FROM execution WHERE map_run_id = $1`,
} as const

/** Which items below the last one that began have none: commits of several children are in no order. */
export const selectGaps = {
  name: 'select_item_gaps',
  text: `
    SELECT item_index FROM generate_series(0, $2::int) item_index
    WHERE NOT EXISTS (SELECT FROM execution WHERE map_run_id = $1 AND execution.item_index = item_index.item_index)
    ORDER BY item_index`,
} as const

/** Outputs of children, a page at a time in the order of their items. Takes no locks. */
export const selectOutputs = {
  name: 'select_item_outputs',
  text: `
    SELECT item_index AS "itemIndex", output
    FROM execution
    WHERE map_run_id = $1 AND item_index > $2 AND status = 'SUCCEEDED'
    ORDER BY item_index
    LIMIT $3`,
} as const

/** Ends a Map Run. Locks its own row. */
export const endMapRun = {
  name: 'end_map_run',
  text: 'UPDATE map_run SET status = $2, total = $3, stopped_at = $4 WHERE id = $1',
} as const

/** Stops the children of a Map Run that has failed: leaves each a message. Locks: those that rest, to wake them. */
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
