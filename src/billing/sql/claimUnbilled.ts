/**
 * Periods of provisioned concurrency of which a part is to be billed: a whole slice of those that are open, everything of
 * those that have ended. Parameters: now, how many milliseconds a slice has, how many periods.
 *
 * Locks: the rows until the transaction that bills them ends. SKIP LOCKED lets several nodes bill at the same time without
 * waiting for each other; none bills what another is about to.
 */
export const claimUnbilled = {
  name: 'claim_unbilled',
  text: `
    SELECT id, account_id, region, function_id, function_name, version_number, memory_mib, architecture, environments,
           started_at, billed_until, ended_at
    FROM provisioned_period
    WHERE (ended_at IS NULL OR billed_until < ended_at)
      AND billed_until <= $1::timestamptz - CASE WHEN ended_at IS NULL THEN make_interval(secs => $2 / 1000.0) ELSE '0' END
    ORDER BY billed_until
    LIMIT $3
    FOR UPDATE SKIP LOCKED`,
} as const

/** A row as it is returned. */
export interface UnbilledRow {
  readonly id: string
  readonly account_id: string
  readonly region: string
  readonly function_id: string
  readonly function_name: string
  readonly version_number: number
  readonly memory_mib: number
  readonly architecture: 'X86_64' | 'ARM64'
  readonly environments: number
  readonly started_at: Date
  readonly billed_until: Date
  readonly ended_at: Date | null
}
