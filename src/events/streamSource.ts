import type { Pool } from 'pg'
import type { Position } from '../model/position.ts'

/** An event as a stream carries it. */
export interface Positioned {
  readonly position: Position
}

/** What was read of a stream: events behind a position, and how far the stream is settled. */
export interface Reading<Event> {
  readonly events: readonly Event[]
  /** All transactions with a lower id are settled: nothing will ever appear below it. */
  readonly horizon: bigint
  /** The highest id of those that were over: what they wrote may be beyond the horizon still. */
  readonly newest: bigint
}

/** One stream of events in the database. */
export interface StreamSource<Event extends Positioned> {
  /** Its topic: what wakes its readers. Sources with the same topic are the same stream. */
  readonly topic: string
  /** At most `limit` events behind `after`, in the order of their positions, none at or beyond the horizon. */
  read(after: Position, limit: number): Promise<Reading<Event>>
  /** Roughly how much memory an event holds, in bytes. */
  sizeOf(event: Event): number
}

/** Reads how far every stream is settled. */
export async function readHorizon(pool: Pool): Promise<bigint> {
  const { rows } = await pool.query<{ horizon: bigint }>({
    name: 'read_horizon',
    text: 'SELECT event_position(pg_snapshot_xmin(pg_current_snapshot())) AS horizon',
  })
  return BigInt(rows[0]!.horizon)
}

/** How the rows of an event table are read as a stream. */
export interface StreamStatement<Event extends Positioned> {
  readonly name: string
  /** The table. */
  readonly table: string
  /** The columns of an event, without its position, as SQL. */
  readonly columns: string
  /** Which rows belong to the stream: a condition over `$4` and following parameters. */
  readonly where: string
  readonly toEvent: (row: Record<string, unknown>, position: Position) => Event
  /** How much of an event's size depends on its content, in bytes. */
  readonly contentBytes?: (event: Event) => number
}

const EVENT_OVERHEAD_BYTES = 300

/**
 * A source over an event table. Reads in one snapshot both the horizon and the rows below it. Takes no locks.
 */
export function createStreamSource<Event extends Positioned>(
  pool: Pool,
  topic: string,
  statement: StreamStatement<Event>,
  parameters: readonly string[],
): StreamSource<Event> {
  const text = `
    SELECT settled.horizon::text AS horizon, settled.newest::text AS newest, event.*
    FROM (
      SELECT event_position(pg_snapshot_xmin(pg_current_snapshot())) AS horizon,
        event_position(pg_snapshot_xmax(pg_current_snapshot())) - 1 AS newest
    ) settled
    LEFT JOIN LATERAL (
      SELECT transaction_id::text AS transaction_id, sequence::text AS sequence, ${statement.columns}
      FROM ${statement.table} AS source
      WHERE ${statement.where}
        AND (source.transaction_id, source.sequence) > ($1::bigint, $2::bigint)
        AND source.transaction_id < settled.horizon
      ORDER BY source.transaction_id, source.sequence
      LIMIT $3
    ) event ON true`
  return {
    topic,
    sizeOf: (event) => EVENT_OVERHEAD_BYTES + (statement.contentBytes?.(event) ?? 0),
    async read(after, limit) {
      const { rows } = await pool.query<Record<string, unknown>>({
        name: statement.name,
        text,
        values: [String(after.transactionId), String(after.sequence), limit, ...parameters],
      })
      const events = rows
        .filter((row) => row['transaction_id'] !== null)
        .map((row) =>
          statement.toEvent(row, {
            transactionId: BigInt(row['transaction_id'] as string),
            sequence: BigInt(row['sequence'] as string),
          }),
        )
      const { horizon, newest } = rows[0] as { readonly horizon: string; readonly newest: string }
      return { events, horizon: BigInt(horizon), newest: BigInt(newest) }
    },
  }
}
