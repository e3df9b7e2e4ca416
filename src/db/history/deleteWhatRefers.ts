import type { ClientBase } from 'pg'
import { firstKey } from '../../model/historyDays.ts'

const LARGEST_DELETION = 5_000

/**
 * What names an invocation but is in no partition, since it is small, must be unique over all days, or lives until it is
 * done with. What is pending stays, whatever its age.
 */
const STATEMENTS: readonly { readonly text: string; readonly key: 'UUID' | 'TIME' }[] = [
  {
    text: `DELETE FROM dead_letter WHERE invocation_id IN (
             SELECT invocation_id FROM dead_letter WHERE invocation_id < $1 LIMIT $2)`,
    key: 'UUID',
  },
  {
    text: 'DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE ended_at < $1 LIMIT $2)',
    key: 'TIME',
  },
  {
    text: `DELETE FROM invocation_key WHERE (function_id, key) IN (
             SELECT function_id, key FROM invocation_key WHERE created_at < $1 LIMIT $2)`,
    key: 'TIME',
  },
]

/**
 * Deletes what refers to days before a time, in statements of a bounded size. Each locks only the rows it deletes, for
 * its own transaction; called before the days themselves go, so that nothing names what is not there.
 */
export async function deleteWhatRefers(client: ClientBase, beforeMs: number): Promise<void> {
  for (const { text, key } of STATEMENTS) {
    let count: number
    do {
      const { rowCount } = await client.query(text, [firstKey(key, beforeMs), LARGEST_DELETION])
      count = rowCount ?? 0
    } while (count === LARGEST_DELETION)
  }
}
