import type { DoneCondition } from '../model/queueTransition.ts'
import type {
  AttemptOutcomeName,
  AttemptRecord,
  DeliveryRecord,
  InvocationRecord,
  InvocationSourceName,
  InvocationStatusName,
  InvocationTypeName,
} from '../model/records.ts'

/** A row of selectInvocations as the record it is. */
export function toInvocation(row: Record<string, unknown>): InvocationRecord {
  return {
    id: row['id'] as string,
    scope: { accountId: row['account_id'] as string, region: row['region'] as string },
    functionId: row['function_id'] as string,
    functionName: row['function_name'] as string,
    type: row['type'] as InvocationTypeName,
    qualifier: row['qualifier'] as string | null,
    executedVersion: row['executed_version'] as number | null,
    status: row['status'] as InvocationStatusName,
    createdAt: row['created_at'] as Date,
    finishedAt: row['finished_at'] as Date | null,
    payload: row['payload'] as string | null,
    result: row['result'] as string | null,
    functionError: row['function_error'] as string | null,
    source: row['source'] as InvocationSourceName,
    condition: row['condition'] as DoneCondition | null,
    redriveOf: row['redrive_of'] as string | null,
    redrivenAs: row['redriven_as'] as string | null,
  }
}

/** A row of selectDeliveries as the record it is. */
export function toDelivery(row: Record<string, unknown>): DeliveryRecord {
  return {
    id: row['id'] as string,
    invocationId: row['invocation_id'] as string,
    purpose: row['purpose'] as DeliveryRecord['purpose'],
    targetArn: row['target_arn'] as string,
    status: row['status'] as DeliveryRecord['status'],
    tries: row['tries'] as number,
    lastError: row['last_error'] as string | null,
    createdAt: row['created_at'] as Date,
    dueAt: row['due_at'] as Date | null,
    endedAt: row['ended_at'] as Date | null,
  }
}

/** A row of selectAttempts as the record it is. */
export function toAttempt(row: Record<string, unknown>): AttemptRecord {
  return {
    invocationId: row['invocation_id'] as string,
    number: row['number'] as number,
    outcome: row['outcome'] as AttemptOutcomeName,
    versionNumber: row['version_number'] as number,
    isColdStart: row['is_cold_start'] as boolean,
    isProvisioned: row['is_provisioned'] as boolean,
    logStreamName: row['log_stream_name'] as string,
    startedAt: row['started_at'] as Date,
    durationUs: row['duration_us'] as number | null,
    initDurationUs: row['init_duration_us'] as number | null,
    billedMs: row['billed_ms'] as number | null,
    maxMemoryMiB: row['max_memory_mib'] as number | null,
    functionError: row['function_error'] as string | null,
    priceNanoUsd: row['price_nano_usd'] === null ? null : BigInt(row['price_nano_usd'] as string),
  }
}
