import type { Destinations } from '../model/eventInvokeConfig.ts'
import { traceHeaderOf } from '../model/lineage.ts'
import type { Scope } from '../model/records.ts'
import { type LeasedInvocation, leasedInvocation } from './leasedInvocation.ts'
import type { ClaimedRow } from './sql/claimInvocations.ts'

/** An invocation that this node holds the lease of, with what is needed to run it. */
export interface ClaimedInvocation extends LeasedInvocation {
  readonly scope: Scope
  readonly functionId: string
  readonly functionName: string
  readonly qualifier: string | null
  readonly payload: string
  readonly clientContext: string | null
  /** X-Ray trace header that its caller passed on, or null. */
  readonly traceHeader: string | null
  readonly destinations: Destinations
}

/** A claimed row as the executor sees it; null where there is nothing to run, since the history has lost it. */
export function claimedInvocation(row: ClaimedRow): ClaimedInvocation | null {
  if (row.function_name === null || row.payload === null) return null
  return {
    ...leasedInvocation(row, row.maximum_retry_attempts ?? undefined),
    scope: { accountId: row.account_id, region: row.region },
    functionId: row.function_id,
    functionName: row.function_name,
    qualifier: row.qualifier,
    payload: row.payload,
    clientContext: row.client_context,
    traceHeader: row.trace_header,
    destinations: { onSuccess: row.on_success, onFailure: row.on_failure },
  }
}

/** The trace header that its function sees and that goes on to its destinations: the same for all attempts. */
export function claimedTraceHeader({ traceHeader, id, functionId }: ClaimedInvocation): string {
  return traceHeaderOf(traceHeader, id, functionId)
}
