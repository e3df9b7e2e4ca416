import type { Pool } from 'pg'
import type { LogEventRecord } from '../model/eventRecords.ts'
import { groupBy } from '../model/grouping.ts'
import { BEGINNING, type Position } from '../model/position.ts'
import type { Page, PageRequest } from '../model/records.ts'
import { LOG_COLUMNS, toLogEvent } from './sources.ts'

/**
 * The same page of the settled logs of several functions or invocations, oldest first, by their ids. One statement
 * however many there are; takes no locks.
 */
export async function readLogPages(
  pool: Pool,
  owner: 'function_id' | 'invocation_id',
  ids: readonly string[],
  { first, after }: PageRequest<Position>,
): Promise<ReadonlyMap<string, Page<LogEventRecord>>> {
  const { transactionId, sequence } = after ?? BEGINNING
  const { rows } = await pool.query<Record<string, unknown>>({
    name: `select_log_pages_by_${owner}`,
    text: `
      SELECT owner.id AS owner_id, event.*
      FROM unnest($1::uuid[]) AS owner(id)
      CROSS JOIN LATERAL (
        SELECT source.transaction_id::text AS transaction_id, source.sequence::text AS sequence, ${LOG_COLUMNS}
        FROM log_event AS source
        WHERE source.${owner} = owner.id
          AND (source.transaction_id, source.sequence) > ($2::bigint, $3::bigint)
          AND source.transaction_id < event_position(pg_snapshot_xmin(pg_current_snapshot()))
        ORDER BY source.transaction_id, source.sequence
        LIMIT $4
      ) event`,
    values: [ids, String(transactionId), String(sequence), first + 1],
  })
  const groups = groupBy(rows, (row) => row['owner_id'] as string)
  return new Map(
    [...groups].map(([id, group]) => {
      const items = group.slice(0, first).map((row) =>
        toLogEvent(row, {
          transactionId: BigInt(row['transaction_id'] as string),
          sequence: BigInt(row['sequence'] as string),
        }),
      )
      return [id, { items, hasNextPage: group.length > first }] as const
    }),
  )
}
