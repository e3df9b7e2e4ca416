import { DEFAULT_MAXIMUM_RETRY_ATTEMPTS, type QueueState, type RetryPolicy } from '../model/queueTransition.ts'
import type { LeasedRow } from './sql/selectLeases.ts'

/** A lease as the queue has it: enough to end it. */
export interface LeasedInvocation {
  readonly id: string
  readonly state: Extract<QueueState, { kind: 'LEASED' }>
  readonly policy: RetryPolicy
  /** The version that the first attempt chose; null at the first attempt. */
  readonly pinnedNumber: number | null
}

/** A row of the queue that is leased to a node. How often it is retried counts only where its attempt can fail. */
export function leasedInvocation(
  row: LeasedRow,
  maximumRetryAttempts: number = DEFAULT_MAXIMUM_RETRY_ATTEMPTS,
): LeasedInvocation {
  const { attempts, failures, throttles } = row
  return {
    id: row.id,
    state: { kind: 'LEASED', nodeId: row.node_id, attempts, failures, throttles },
    policy: { maximumRetryAttempts, expiresAtMs: row.expires_at.getTime() },
    pinnedNumber: row.version_number,
  }
}
