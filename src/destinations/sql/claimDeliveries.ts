import type { DeliveryPurpose } from '../../invocations/journalEntry.ts'

/**
 * Takes on due deliveries, the longest due first, and returns them. Parameters: now, until when they are left alone,
 * how many.
 *
 * Locks: the rows it takes, until the commit of this one statement; SKIP LOCKED keeps nodes out of each other's way.
 * What a node has taken on is due again when its time is over, so that nobody must notice a node's death.
 */
export const claimDeliveries = {
  name: 'claim_deliveries',
  text: `
    WITH due AS (
      SELECT id FROM delivery
      WHERE status = 'PENDING' AND due_at <= $1
      ORDER BY due_at
      LIMIT $3
      FOR UPDATE SKIP LOCKED
    )
    UPDATE delivery SET due_at = $2, tries = tries + 1
    FROM due WHERE delivery.id = due.id
    RETURNING delivery.*`,
} as const

/** A row as it is returned. */
export interface DeliveryRow {
  readonly id: string
  readonly account_id: string
  readonly region: string
  readonly invocation_id: string
  readonly purpose: DeliveryPurpose
  readonly target_arn: string
  readonly source_arn: string
  readonly function_name: string
  readonly body: string
  readonly error_message: string | null
  readonly trace_header: string
  readonly tries: number
  readonly created_at: Date
}
