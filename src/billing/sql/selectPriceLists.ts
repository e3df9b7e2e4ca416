const COLUMNS = `
  list.name, list.region, list.effective_from, list.billing_step_ms, list.request_nano_usd::text,
  list.free_requests_per_month::text, list.x86_duration_pico_usd::text, list.arm_duration_pico_usd::text,
  list.x86_provisioned_duration_pico_usd::text, list.arm_provisioned_duration_pico_usd::text,
  list.x86_provisioned_pico_usd::text, list.arm_provisioned_pico_usd::text`

/**
 * The list that an account has chosen in a region, the newest first: those of the region, and where it has none of its
 * own, those of all regions. Parameters: account, region. Takes no locks.
 */
export const selectPriceLists = {
  name: 'select_price_lists',
  text: `
    SELECT ${COLUMNS}, coalesce(chosen.has_free_duration, false) AS has_free_duration
    FROM (SELECT 1) one
    LEFT JOIN account_region chosen ON chosen.account_id = $1 AND chosen.region = $2
    JOIN price_list list ON list.name = coalesce(chosen.price_list, 'standard')
      AND list.region = CASE
        WHEN EXISTS (SELECT FROM price_list own WHERE own.name = list.name AND own.region = $2) THEN $2 ELSE '*' END
    ORDER BY list.effective_from DESC`,
} as const

/** All lists that can be chosen in a region, by name, the newest first. Parameter: region. Takes no locks. */
export const selectAllPriceLists = {
  name: 'select_all_price_lists',
  text: `
    SELECT ${COLUMNS}, false AS has_free_duration
    FROM price_list list
    WHERE list.region = CASE
      WHEN EXISTS (SELECT FROM price_list own WHERE own.name = list.name AND own.region = $1) THEN $1 ELSE '*' END
    ORDER BY list.name, list.effective_from DESC
    LIMIT 100`,
} as const

/** A row as it is returned. */
export interface PriceListRow {
  readonly name: string
  readonly region: string
  readonly effective_from: Date
  readonly billing_step_ms: number
  readonly request_nano_usd: string
  readonly free_requests_per_month: string
  readonly has_free_duration: boolean
  readonly x86_duration_pico_usd: string
  readonly arm_duration_pico_usd: string
  readonly x86_provisioned_duration_pico_usd: string
  readonly arm_provisioned_duration_pico_usd: string
  readonly x86_provisioned_pico_usd: string
  readonly arm_provisioned_pico_usd: string
}
