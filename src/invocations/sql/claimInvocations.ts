import type { LeasedRow } from './selectLeases.ts'

/**
 * Leases due invocations to a node and returns them with what is needed to run them, the longest due first.
 * Parameters: node id, now, how many.
 *
 * Locks: the rows it takes, until the commit of this one statement. SKIP LOCKED lets any number of nodes claim at the
 * same time without waiting for each other or taking the same row. The partial index over waiting rows keeps the search
 * as short as the queue is, whatever the history: finished rows are not in this table.
 */
export const claimInvocations = {
  name: 'claim_invocations',
  text: `
    WITH due AS (
      SELECT id FROM queued_invocation
      WHERE node_id IS NULL AND due_at <= $2
      ORDER BY due_at
      LIMIT $3
      FOR UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE queued_invocation queued SET node_id = $1, attempts = queued.attempts + 1
      FROM due WHERE queued.id = due.id
      RETURNING queued.*
    )
    SELECT claimed.id, claimed.node_id, claimed.account_id, claimed.region, claimed.function_id, claimed.due_at, claimed.expires_at,
           claimed.attempts, claimed.failures, claimed.throttles, claimed.version_number,
           invocation.function_name, invocation.qualifier, invocation.payload, invocation.client_context,
           invocation.trace_header, config.maximum_retry_attempts, config.on_success, config.on_failure
    FROM claimed LEFT JOIN invocation USING (id)
    LEFT JOIN event_invoke_config config
      ON config.function_id = claimed.function_id AND config.qualifier = coalesce(invocation.qualifier, '$LATEST')
    ORDER BY claimed.due_at`,
} as const

/** A row as it is returned. */
export interface ClaimedRow extends LeasedRow {
  readonly account_id: string
  readonly region: string
  readonly function_id: string
  readonly due_at: Date
  /** Null where the history has lost it, with all that follows: then it can only be dropped. */
  readonly function_name: string | null
  readonly qualifier: string | null
  readonly payload: string | null
  readonly client_context: string | null
  /** Null where no event invoke config says otherwise than AWS's default. */
  readonly maximum_retry_attempts: number | null
  readonly on_success: string | null
  readonly on_failure: string | null
  readonly trace_header: string | null
}
