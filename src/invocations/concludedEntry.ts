import { v7 as uuid } from 'uuid'
import type { ResolvedVersion } from '../functions/contract.ts'
import { deadLetterErrorMessage, destinationRecord, type RecordCondition } from '../model/destinationRecord.ts'
import { functionArn } from '../model/functionArn.ts'
import { versionName } from '../model/version.ts'
import { type ClaimedInvocation, claimedTraceHeader } from './claimedInvocation.ts'
import type { DeliveryPurpose, JournalEntry, NewDelivery } from './journalEntry.ts'
import { invocationEvent, leaseChange } from './leaseRows.ts'

/** How an asynchronous invocation ended. */
export interface Conclusion {
  /** Null where there is none any more. */
  readonly version: ResolvedVersion | null
  readonly condition: RecordCondition
  /** How often the function was really run. */
  readonly attempts: number
  /** The last attempt, where it is what ended the invocation. */
  readonly executed: {
    readonly versionNumber: number
    readonly attempt: number
    readonly functionError: 'Unhandled' | null
  } | null
  /** JSON text of the result or of the error object. */
  readonly result: string
  readonly nowMs: number
}

/**
 * The rows of an asynchronous invocation that is done: its outcome, what goes to its destinations and, where it failed,
 * its place among the dead letters. All in one commit, so that no end goes without its records.
 */
export function concludedEntry(claimed: ClaimedInvocation, conclusion: Conclusion): JournalEntry {
  const { condition, executed, result, nowMs } = conclusion
  const { id, functionId } = claimed
  const isSuccess = condition === 'Success'
  const status = isSuccess ? 'SUCCEEDED' : 'FAILED'
  return {
    lease: leaseChange(claimed, null),
    finish: {
      id,
      executedVersion: executed?.versionNumber ?? claimed.pinnedNumber,
      status,
      finishedAtMs: nowMs,
      result,
      functionError: executed?.functionError ?? null,
      condition,
    },
    invocationEvents: [invocationEvent(id, status, executed?.attempt ?? null, nowMs, null)],
    deliveries: deliveriesOf(claimed, conclusion),
    ...(isSuccess ? {} : { deadLetter: { invocationId: id, functionId, condition, createdAtMs: nowMs } }),
  }
}

function deliveriesOf(claimed: ClaimedInvocation, conclusion: Conclusion): NewDelivery[] {
  const { onSuccess, onFailure } = claimed.destinations
  const isSuccess = conclusion.condition === 'Success'
  const destination = isSuccess ? onSuccess : onFailure
  const deadLetterTarget = isSuccess ? null : (conclusion.version?.deadLetterTargetArn ?? null)
  const { scope, functionId, functionName } = claimed
  const sourceArn = functionArn(scope, functionName, claimed.qualifier ?? '$LATEST')
  const delivery = (purpose: DeliveryPurpose, targetArn: string): NewDelivery => ({
    id: uuid(),
    scope,
    invocationId: claimed.id,
    functionId,
    functionName,
    purpose,
    targetArn,
    sourceArn,
    body: purpose === 'DEAD_LETTER' ? claimed.payload : recordOf(claimed, conclusion, sourceArn),
    errorMessage: purpose === 'DEAD_LETTER' ? deadLetterErrorMessage(conclusion.result) : null,
    traceHeader: claimedTraceHeader(claimed),
    createdAtMs: conclusion.nowMs,
  })
  return [
    ...(destination === null ? [] : [delivery(isSuccess ? 'ON_SUCCESS' : 'ON_FAILURE', destination)]),
    ...(deadLetterTarget === null ? [] : [delivery('DEAD_LETTER', deadLetterTarget)]),
  ]
}

function recordOf(claimed: ClaimedInvocation, conclusion: Conclusion, sourceArn: string): string {
  const { executed, condition, attempts, result, nowMs } = conclusion
  return destinationRecord({
    requestId: claimed.id,
    functionArn: sourceArn,
    condition,
    approximateInvokeCount: attempts,
    payload: claimed.payload,
    response: executed && {
      executedVersion: versionName(executed.versionNumber),
      functionError: executed.functionError,
      payload: result,
    },
    concludedAtMs: nowMs,
  })
}
