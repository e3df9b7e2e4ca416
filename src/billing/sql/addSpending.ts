import { rowsStatement } from '../../db/unnest.ts'
import type { Scope } from '../../model/records.ts'

/** So much was spent by an account in a region and month. */
export interface Spending {
  readonly scope: Scope
  /** First day of the month, `2026-11-01`. */
  readonly month: string
  readonly spentNanoUsd: bigint
}

/**
 * Adds to what accounts have spent, in the transaction that adds the same to their ledgers. Locks each row until the
 * commit, in the order of their keys and behind the counters of countUsage.ts, so that two batches cannot wait for each
 * other.
 */
export const addSpending = rowsStatement<Spending>(
  'add_spending',
  [
    { name: 'account_id', type: 'bpchar', of: (row) => row.scope.accountId },
    { name: 'region', type: 'text', of: (row) => row.scope.region },
    { name: 'month', type: 'date', of: (row) => row.month },
    { name: 'spent_nano_usd', type: 'bigint', of: (row) => row.spentNanoUsd },
  ],
  (rows, names) => `
    INSERT INTO monthly_spending (${names})
    SELECT ${names} FROM ${rows} ORDER BY account_id, region, month
    ON CONFLICT (account_id, region, month) DO UPDATE SET
      spent_nano_usd = monthly_spending.spent_nano_usd + excluded.spent_nano_usd`,
)
