import { rowsStatement } from '../../db/unnest.ts'

/** So many requests of an account in a month. */
export interface RequestCount {
  readonly accountId: string
  /** First day of the month, `2026-11-01`. */
  readonly month: string
  readonly requests: number
}

/**
 * Moves the month's request counters on and returns where they stand afterwards: the batch owns the numbers in between,
 * which is how the free million is applied in order and exactly once, also when several nodes bill at the same moment.
 *
 * Locks: each counter row until the commit, so that two nodes never own the same numbers. The rows are taken in the
 * order of their keys, so that two batches cannot wait for each other.
 */
export const countRequests = rowsStatement<RequestCount, { account_id: string; month: string; requests: string }>(
  'count_requests',
  [
    { name: 'account_id', type: 'bpchar', of: (row) => row.accountId },
    { name: 'month', type: 'date', of: (row) => row.month },
    { name: 'requests', type: 'bigint', of: (row) => row.requests },
  ],
  (rows) => `
    INSERT INTO monthly_usage (account_id, month, requests)
    SELECT account_id, month, requests FROM ${rows} ORDER BY account_id, month
    ON CONFLICT (account_id, month) DO UPDATE SET requests = monthly_usage.requests + excluded.requests
    RETURNING account_id, to_char(month, 'YYYY-MM-DD') AS month, requests::text AS requests`,
)
