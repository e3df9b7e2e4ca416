import type { PartitionKey } from '../../model/historyDays.ts'

/** A table that is partitioned by day. */
export interface HistoryTable {
  readonly name: string
  readonly column: string
  readonly key: PartitionKey
  /** When a row happened: what the age of those is that have no day of their own, whose ids need not tell it. */
  readonly timeColumn: string
  /** Storage parameters, which a partitioned table cannot hand down to its partitions. */
  readonly storage: string | null
}

// Rows that change leave room on their page for their next version.
const CHANGES = 'fillfactor = 85'

/** In the order in which a day is dropped: what refers to an invocation goes before it. */
export const HISTORY_TABLES: readonly HistoryTable[] = [
  { name: 'log_event', column: 'timestamp', key: 'TIME', timeColumn: 'timestamp', storage: null },
  { name: 'throttle_event', column: 'timestamp', key: 'TIME', timeColumn: 'timestamp', storage: null },
  { name: 'invocation_event', column: 'invocation_id', key: 'UUID', timeColumn: 'timestamp', storage: null },
  { name: 'attempt', column: 'invocation_id', key: 'UUID', timeColumn: 'started_at', storage: CHANGES },
  { name: 'invocation', column: 'id', key: 'UUID', timeColumn: 'created_at', storage: CHANGES },
]
