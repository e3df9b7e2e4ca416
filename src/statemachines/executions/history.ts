import type { Pool } from 'pg'
import { abortable } from '../../events/services.ts'
import { topics } from '../../events/topics.ts'
import type { Wakeups } from '../../events/wakeups.ts'
import type { Page } from '../../model/records.ts'
import type { HistoryEventType } from '../engine/historyEvent.ts'
import type { HistoryEventRecord } from './executionRecords.ts'

const COLUMNS = `event.execution_id AS "executionId", event.id, event.previous_event_id AS "previousEventId",
  event.type, event.timestamp, event.details::json AS details, event.invocation_id AS "invocationId"`

const selectForwards = {
  name: 'select_history_forwards',
  text: `SELECT ${COLUMNS} FROM execution_event event WHERE execution_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
} as const
const selectBackwards = {
  name: 'select_history_backwards',
  text: `SELECT ${COLUMNS} FROM execution_event event WHERE execution_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
} as const

const selectOfTypes = {
  name: 'select_history_of_types',
  text: `SELECT ${COLUMNS} FROM execution_event event
    WHERE execution_id = $1 AND id > $2 AND type = ANY ($4) ORDER BY id LIMIT $3`,
} as const

const LARGEST_ID = 2 ** 31 - 1
const PAGE = 500

/** Events of a history behind an id, or, backwards, before it. */
export async function historyPage(
  database: Pool,
  executionId: string,
  { first, after, isReverse }: { readonly first: number; readonly after: number | null; readonly isReverse: boolean },
): Promise<Page<HistoryEventRecord>> {
  const values = [executionId, after ?? (isReverse ? LARGEST_ID : 0), first + 1]
  const { rows } = await database.query<HistoryEventRecord>({
    ...(isReverse ? selectBackwards : selectForwards),
    values,
  })
  return { items: rows.slice(0, first), hasNextPage: rows.length > first }
}

/** Events of some types behind an id, in their order. */
export async function historyOfTypes(
  database: Pool,
  executionId: string,
  types: readonly HistoryEventType[],
  { first, after }: { readonly first: number; readonly after: number | null },
): Promise<Page<HistoryEventRecord>> {
  const { rows } = await database.query<HistoryEventRecord>({
    ...selectOfTypes,
    values: [executionId, after ?? 0, first + 1, types],
  })
  return { items: rows.slice(0, first), hasNextPage: rows.length > first }
}

/**
 * The history of an execution behind an event, and what is added to it; ends with the execution. Events of an execution
 * are written one commit after the other, so that their ids are an order that nothing appears below.
 */
export function followHistory(
  database: Pool,
  wakeups: Wakeups,
  executionId: string,
  after: number,
): AsyncIterableIterator<HistoryEventRecord> {
  return abortable(async function* (signal) {
    let last = after
    let hasChanged = true
    let wake: (() => void) | null = null
    const changed = () => {
      hasChanged = true
      wake?.()
    }
    signal.addEventListener('abort', changed, { once: true })
    using _subscription = wakeups.listen(topics.execution(executionId), changed)
    while (!signal.aborted) {
      hasChanged = false
      // Asked before: what is written afterwards is found by the next look.
      const { rows: found } = await database.query<{ status: string }>({
        name: 'select_execution_status',
        text: 'SELECT status FROM execution WHERE id = $1',
        values: [executionId],
      })
      for (let isMoreLikely = true; isMoreLikely; ) {
        const { rows } = await database.query<HistoryEventRecord>({
          ...selectForwards,
          values: [executionId, last, PAGE],
        })
        for (const event of rows) {
          if (signal.aborted) return
          last = event.id
          yield event
        }
        isMoreLikely = rows.length === PAGE
      }
      if (found[0]?.status !== 'RUNNING') return
      if (!hasChanged) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        wake = null
      }
    }
  })
}
