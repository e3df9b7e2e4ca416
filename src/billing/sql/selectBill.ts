import type { BillGroupingName } from '../../model/bill.ts'

const RAN = `FILTER (WHERE type = 'INVOCATION')`
const PROVISIONED = `FILTER (WHERE type = 'PROVISIONED_CONCURRENCY')`

const STEPS = `FILTER (WHERE type IN ('STATE_TRANSITIONS', 'EXPRESS_EXECUTION'))`

const SUMS = `
  (count(*) ${RAN})::text AS requests,
  coalesce(sum(billed_ms::bigint * memory_mib) ${RAN}, 0)::text AS mebibyte_milliseconds,
  coalesce(sum(request_price_nano_usd) ${RAN}, 0)::text AS request_price,
  coalesce(sum(duration_price_nano_usd) ${RAN}, 0)::text AS duration_price,
  coalesce(sum(billed_ms::bigint * memory_mib) ${PROVISIONED}, 0)::text AS provisioned_mebibyte_milliseconds,
  coalesce(sum(duration_price_nano_usd) ${PROVISIONED}, 0)::text AS provisioned_price,
  coalesce(sum(transitions), 0)::text AS state_transitions,
  (count(*) FILTER (WHERE type = 'EXPRESS_EXECUTION'))::text AS express_executions,
  coalesce(sum(request_price_nano_usd + duration_price_nano_usd) ${STEPS}, 0)::text AS step_functions_price`

const MONTH = `account_id = $1 AND region = $2 AND timestamp >= $3 AND timestamp < $4 AND type <> 'BUDGET_ALERT'`

/** The totals of a span of the ledger. Parameters: account, region, from, to. Takes no locks. */
export const selectBill = {
  name: 'select_bill',
  text: `SELECT ${SUMS} FROM ledger_entry WHERE ${MONTH}`,
} as const

const KEYS: Readonly<Record<BillGroupingName, string>> = {
  FUNCTION: `coalesce(function_name, 'stateMachine:' || state_machine_name)`,
  VERSION: `coalesce(function_name || ':' || CASE version_number WHEN 0 THEN '$LATEST' ELSE version_number::text END,
    'stateMachine:' || state_machine_name)`,
  DAY: `to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
}

/**
 * A page of the lines of a span of the ledger, in the order of their keys by code points. Takes no locks.
 * Parameters: account, region, from, to, behind which key, how many.
 */
export function selectBillLines(groupBy: BillGroupingName) {
  const key = `(${KEYS[groupBy]}) COLLATE "C"`
  return {
    name: `select_bill_lines_${groupBy.toLowerCase()}`,
    text: `
      SELECT ${key} AS key, ${SUMS} FROM ledger_entry WHERE ${MONTH} AND ${key} > $5
      GROUP BY 1 ORDER BY 1 LIMIT $6`,
  }
}
