import { rowsStatement } from '../../db/unnest.ts'

/** So many requests, so much duration and so many state transitions of an account in a month. */
export interface UsageCount {
  readonly accountId: string
  /** First day of the month, `2026-11-01`. */
  readonly month: string
  readonly requests: number
  readonly mebibyteMilliseconds: bigint
  readonly transitions: number
}

/** Where a counter stands. */
export interface UsageCounter {
  readonly account_id: string
  readonly month: string
  readonly requests: string
  readonly mebibyte_milliseconds: string
  readonly transitions: string
}

/**
 * Moves the month's counters on and returns where they stand afterwards: the batch owns what lies in between, which is
 * how the free tier is applied in order and exactly once, also when several nodes bill at the same moment.
 *
 * Locks: each counter row until the commit, so that two nodes never own the same numbers. The rows are taken in the
 * order of their keys, and all that a batch counts in one statement, so that two batches cannot wait for each other.
 */
export const countUsage = rowsStatement<UsageCount, UsageCounter>(
  'count_usage',
  [
    { name: 'account_id', type: 'bpchar', of: (row) => row.accountId },
    { name: 'month', type: 'date', of: (row) => row.month },
    { name: 'requests', type: 'bigint', of: (row) => row.requests },
    { name: 'mebibyte_milliseconds', type: 'bigint', of: (row) => row.mebibyteMilliseconds },
    { name: 'transitions', type: 'bigint', of: (row) => row.transitions },
  ],
  (rows, names) => `
    INSERT INTO monthly_usage (${names})
    SELECT ${names} FROM ${rows} ORDER BY account_id, month
    ON CONFLICT (account_id, month) DO UPDATE SET
      requests = monthly_usage.requests + excluded.requests,
      mebibyte_milliseconds = monthly_usage.mebibyte_milliseconds + excluded.mebibyte_milliseconds,
      transitions = monthly_usage.transitions + excluded.transitions
    RETURNING account_id, to_char(month, 'YYYY-MM-DD') AS month, requests::text AS requests,
      mebibyte_milliseconds::text AS mebibyte_milliseconds,
      transitions::text AS transitions`,
)
