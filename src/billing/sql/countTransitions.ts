import { rowsStatement } from '../../db/unnest.ts'

/** So many state transitions of an account in a month. */
export interface TransitionCount {
  readonly accountId: string
  /** First day of the month, `2026-11-01`. */
  readonly month: string
  readonly transitions: number
}

/** Where a counter stands. */
export interface TransitionCounter {
  readonly account_id: string
  readonly month: string
  readonly transitions: string
}

/**
 * Moves the month's counters on and returns where they stand afterwards, as countUsage.ts does it: the batch owns what
 * lies in between. Locks: each counter row until the commit, in the order of their keys.
 */
export const countTransitions = rowsStatement<TransitionCount, TransitionCounter>(
  'count_transitions',
  [
    { name: 'account_id', type: 'bpchar', of: (row) => row.accountId },
    { name: 'month', type: 'date', of: (row) => row.month },
    { name: 'requests', type: 'bigint', of: () => 0 },
    { name: 'transitions', type: 'bigint', of: (row) => row.transitions },
  ],
  (rows, names) => `
    INSERT INTO monthly_usage (${names})
    SELECT ${names} FROM ${rows} ORDER BY account_id, month
    ON CONFLICT (account_id, month) DO UPDATE SET
      transitions = monthly_usage.transitions + excluded.transitions
    RETURNING account_id, to_char(month, 'YYYY-MM-DD') AS month, transitions::text AS transitions`,
)
