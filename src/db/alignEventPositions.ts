import type { Pool, PoolClient } from 'pg'
import { StartFault } from '../errors.ts'
import { errorCode } from './errorCode.ts'

/** PostgreSQL's number of the lock under which positions are held against a cluster: nodes take turns. */
const POSITIONS_LOCK = 7_220_426_103
const INSUFFICIENT_PRIVILEGE = '42501'

/**
 * Sees to it that new events come behind all that are there: positions are ids of transactions, and those of a cluster
 * into which the database was restored may be lower than the ones that came with it. They would be held for unsettled,
 * and new events would sort before them. Says whether positions had to be moved on. Asks one cheap question where the
 * database is where it was at the last start. Throws a StartFault where its user may not do that.
 *
 * Not to be called while the service writes: `event_position` changes for the transactions that begin after it.
 */
export async function alignEventPositions(pool: Pool): Promise<boolean> {
  const { identifier, isKnown } = await presentCluster(pool)
  if (isKnown) return false
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [POSITIONS_LOCK])
    const hasMoved = await moveOn(client)
    await client.query('DELETE FROM event_cluster')
    if (identifier !== null) await client.query('INSERT INTO event_cluster VALUES ($1)', [identifier])
    await client.query('COMMIT')
    client.release()
    return hasMoved
  } catch (error) {
    client.release(true)
    if (errorCode(error) !== INSUFFICIENT_PRIVILEGE) throw error
    throw new StartFault(
      'the database has come from another PostgreSQL, and its user may not say where new events belong: ' +
        'make it the owner of the function event_position and of the table event_cluster, then start again',
      { cause: error },
    )
  }
}

/**
 * Which cluster this is, by the number that initdb gives it and no other one has, and whether the last start found the same.
 * No number where the user may not know it.
 */
async function presentCluster(pool: Pool): Promise<{ readonly identifier: string | null; readonly isKnown: boolean }> {
  try {
    const { rows } = await pool.query<{ identifier: string; isKnown: boolean }>(
      `SELECT present.system_identifier::text AS identifier, known.system_identifier IS NOT NULL AS "isKnown"
       FROM pg_control_system() present
       LEFT JOIN event_cluster known ON known.system_identifier = present.system_identifier::text`,
    )
    return rows[0]!
  } catch (error) {
    if (errorCode(error) === INSUFFICIENT_PRIVILEGE) return { identifier: null, isKnown: false }
    throw error
  }
}

/** Puts what is settled now behind the highest position that there is. */
async function moveOn(client: PoolClient): Promise<boolean> {
  const highest = await highestPosition(client)
  const { rows } = await client.query<{ oldest: string; position: string }>(
    `SELECT oldest::text AS oldest, event_position(oldest)::text AS position
     FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest) snapshot`,
  )
  const { oldest, position } = rows[0]!
  if (BigInt(position) > highest) return false
  // A function's body takes no parameters, and a number needs no quotes.
  const added = highest + 1n - BigInt(oldest)
  await client.query(
    `CREATE OR REPLACE FUNCTION event_position(transaction_id XID8) RETURNS BIGINT
     LANGUAGE sql STABLE PARALLEL SAFE
     AS $$ SELECT transaction_id::text::bigint + ${added} $$`,
  )
  return true
}

/** Of all tables whose rows have a place in an event stream; 0 where there are no events. Reads them all. */
async function highestPosition(client: PoolClient): Promise<bigint> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.columns
     WHERE table_schema = current_schema() AND column_name = 'transaction_id'`,
  )
  const maxima = tables.map(({ name }) => `SELECT max(transaction_id) AS highest FROM ${name}`)
  const { rows } = await client.query<{ highest: string }>(
    `SELECT coalesce(max(highest), 0)::text AS highest FROM (${maxima.join(' UNION ALL ')}) tables`,
  )
  return BigInt(rows[0]!.highest)
}
