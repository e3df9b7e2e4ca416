import type { ClientBase } from 'pg'
import { DAY_MS, dayOfPartition, firstKey, partitionName } from '../../model/historyDays.ts'
import type { HistoryTable } from './historyTables.ts'

// Names and bounds are not parameters, since PostgreSQL takes none in DDL. They are made of constants and numbers only.

/** The days that a table has partitions for, in milliseconds since the epoch, oldest first. Takes no locks. */
export async function readPartitionDays(client: ClientBase, table: HistoryTable): Promise<readonly number[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT partition.relname AS name FROM pg_inherits
     JOIN pg_class partition ON partition.oid = inhrelid WHERE inhparent = $1::regclass`,
    [table.name],
  )
  const days = rows.map(({ name }) => dayOfPartition(table.name, name)).filter((day) => day !== null)
  return days.sort((one, other) => one - other)
}

/**
 * Makes the partition of a day and moves there what the default partition holds of it. To be called in a transaction.
 *
 * Locks: the default partition exclusively, so that no row comes in between the move and the attachment; the table
 * itself only as ATTACH does, which lets others read and write. CREATE ... PARTITION OF would shut them out.
 */
export async function createPartition(client: ClientBase, table: HistoryTable, dayMs: number): Promise<void> {
  const partition = `history.${partitionName(table.name, dayMs)}`
  const fallback = `history.${table.name}_default`
  const from = `'${firstKey(table.key, dayMs)}'`
  const to = `'${firstKey(table.key, dayMs + DAY_MS)}'`
  const storage = table.storage === null ? '' : ` WITH (${table.storage})`
  await client.query(`
    LOCK TABLE ${fallback} IN ACCESS EXCLUSIVE MODE;
    CREATE TABLE ${partition} (LIKE ${table.name} INCLUDING ALL)${storage};
    WITH moved AS (
      DELETE FROM ${fallback} WHERE "${table.column}" >= ${from} AND "${table.column}" < ${to} RETURNING *
    ) INSERT INTO ${partition} SELECT * FROM moved;
    ALTER TABLE ${table.name} ATTACH PARTITION ${partition} FOR VALUES FROM (${from}) TO (${to})`)
}

/**
 * Drops the partition of a day. Locks the table exclusively, for as long as it takes to unlink some files: the caller
 * sets a short lock_timeout, since whoever waits for a lock lets everybody behind it wait too.
 */
export async function dropPartition(client: ClientBase, table: HistoryTable, dayMs: number): Promise<void> {
  await client.query(`DROP TABLE IF EXISTS history.${partitionName(table.name, dayMs)}`)
}

const LARGEST_DELETION = 5_000

/**
 * Deletes from the default partition what is older than a time, in statements of a bounded size, each its own
 * transaction (a long one would hold up the event streams), and returns how many rows went. Locks only these rows.
 */
export async function emptyDefault(client: ClientBase, table: HistoryTable, beforeMs: number): Promise<number> {
  const fallback = `history.${table.name}_default`
  let total = 0
  for (;;) {
    const { rowCount } = await client.query(
      `DELETE FROM ${fallback} WHERE ctid IN (SELECT ctid FROM ${fallback} WHERE "${table.timeColumn}" < $1 LIMIT $2)`,
      [new Date(beforeMs), LARGEST_DELETION],
    )
    total += rowCount ?? 0
    if ((rowCount ?? 0) < LARGEST_DELETION) return total
  }
}
