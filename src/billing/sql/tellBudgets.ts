/**
 * Writes an entry of the ledger for each threshold that a budget of an account has reached in a month and was not told of.
 * Parameters: account, region, month, now.
 *
 * Locks nothing but its own rows. Of nodes that look at the same time one writes: the unique key over budget, month and
 * percentage lets the others pass over it.
 */
export const tellBudgets = {
  name: 'tell_budgets',
  text: `
    INSERT INTO ledger_entry (account_id, region, type, timestamp, memory_mib, duration_us, billed_ms,
      request_price_nano_usd, duration_price_nano_usd, budget_id, budget_month, budget_percentage, note)
    SELECT budget.account_id, budget.region, 'BUDGET_ALERT', $4, 0, 0, 0, 0, 0, budget.id, spending.month, percentage,
      format('%s %% of the budget %s are spent: $%s of $%s.%s', percentage, budget.name,
        trim_scale(spending.spent_nano_usd / 1000000000.0), trim_scale(budget.amount_nano_usd / 1000000000.0),
        CASE WHEN budget.is_stopping AND percentage >= 100
          THEN ' Nothing runs any more until the month ends or the budget is raised.' ELSE '' END)
    FROM budget
    JOIN monthly_spending spending
      ON spending.account_id = budget.account_id AND spending.region = budget.region AND spending.month = $3::date
    CROSS JOIN LATERAL (
      SELECT DISTINCT unnest(budget.alert_percentages || CASE WHEN budget.is_stopping THEN ARRAY[100] END) AS percentage
    ) threshold
    WHERE budget.account_id = $1 AND budget.region = $2
      AND spending.spent_nano_usd::numeric * 100 >= budget.amount_nano_usd::numeric * percentage
      AND NOT EXISTS (
        SELECT FROM ledger_entry told WHERE told.budget_id = budget.id AND told.budget_month = spending.month
          AND told.budget_percentage = percentage)
    ORDER BY percentage
    ON CONFLICT DO NOTHING`,
} as const

/** Whether a budget of an account that stops is spent in a month. Parameters: account, region, month. Takes no locks. */
export const selectStop = {
  name: 'select_stop',
  text: `
    SELECT EXISTS (
      SELECT FROM budget
      JOIN monthly_spending spending
        ON spending.account_id = budget.account_id AND spending.region = budget.region AND spending.month = $3::date
      WHERE budget.account_id = $1 AND budget.region = $2 AND budget.is_stopping
        AND spending.spent_nano_usd >= budget.amount_nano_usd
    ) AS "isStopped"`,
} as const

/** The accounts and regions that have budgets. Takes no locks. */
export const selectBudgetScopes = {
  name: 'select_budget_scopes',
  text: 'SELECT DISTINCT account_id AS "accountId", region FROM budget',
} as const
