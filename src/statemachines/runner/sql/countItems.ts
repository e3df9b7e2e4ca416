import { rowsStatement } from '../../../db/unnest.ts'

export interface ItemCount {
  readonly mapRunId: string
  readonly succeeded: number
  readonly failed: number
}

/**
 * Counts child executions that have ended, one row for each Map Run of the commit. Locks: the Map Runs, in the order of
 * their ids; commits of children of the same Map Run on several nodes wait for each other.
 */
export const countItems = rowsStatement<ItemCount>(
  'count_items',
  [
    { name: 'id', type: 'uuid', of: (row) => row.mapRunId },
    { name: 'succeeded', type: 'int', of: (row) => row.succeeded },
    { name: 'failed', type: 'int', of: (row) => row.failed },
  ],
  (rows) => `
    UPDATE map_run SET succeeded = map_run.succeeded + input.succeeded, failed = map_run.failed + input.failed
    FROM ${rows} WHERE map_run.id = input.id`,
)
