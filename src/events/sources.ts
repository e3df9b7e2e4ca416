import type { Pool } from 'pg'
import type { ThrottleReason } from '../errors.ts'
import type {
  AliasShiftEventRecord,
  InvocationEventRecord,
  InvocationEventTypeName,
  LedgerEntryRecord,
  LedgerEntryTypeName,
  LogEventRecord,
  ThrottleEventRecord,
} from '../model/eventRecords.ts'
import type { ArchitectureName, InvocationTypeName, LogSourceName, Scope } from '../model/records.ts'
import { createStreamSource, type StreamSource, type StreamStatement } from './streamSource.ts'
import { topics } from './topics.ts'

/** The columns of a log event, of a table that is called `source`. */
export const LOG_COLUMNS =
  'source.timestamp, source.message, source.source, source.function_name, source.version_number, source.log_stream_name, source.invocation_id'

/** A row of LOG_COLUMNS as the record it is. */
export function toLogEvent(row: Record<string, unknown>, position: LogEventRecord['position']): LogEventRecord {
  return {
    position,
    timestamp: row['timestamp'] as Date,
    message: row['message'] as string,
    source: row['source'] as LogSourceName,
    functionName: row['function_name'] as string,
    versionNumber: row['version_number'] as number,
    logStreamName: row['log_stream_name'] as string,
    requestId: row['invocation_id'] as string | null,
  }
}

const functionLog: StreamStatement<LogEventRecord> = {
  name: 'stream_function_log',
  table: 'log_event',
  columns: LOG_COLUMNS,
  where: 'source.function_id = $4::uuid',
  toEvent: toLogEvent,
  contentBytes: (event) => event.message.length,
}

const invocationEvents: StreamStatement<InvocationEventRecord> = {
  name: 'stream_invocation_events',
  table: 'invocation_event',
  columns: 'source.type, source.timestamp, source.invocation_id, source.attempt, source.next_attempt_at',
  where: 'source.invocation_id = $4::uuid',
  toEvent: (row, position) => ({
    position,
    type: row['type'] as InvocationEventTypeName,
    timestamp: row['timestamp'] as Date,
    requestId: row['invocation_id'] as string,
    attempt: row['attempt'] as number | null,
    nextAttemptAt: row['next_attempt_at'] as Date | null,
  }),
}

const SCOPED = 'source.account_id = $4::bpchar AND source.region = $5'

function scopeOf(row: Record<string, unknown>): Scope {
  return { accountId: row['account_id'] as string, region: row['region'] as string }
}

const ledger: StreamStatement<LedgerEntryRecord> = {
  name: 'stream_ledger',
  table: 'ledger_entry',
  columns: `source.account_id, source.region, source.timestamp, source.function_name, source.version_number,
    source.invocation_id, source.attempt, source.memory_mib, source.duration_us, source.billed_ms, source.type,
    source.architecture, source.is_provisioned, source.price_list, source.note,
    source.state_machine_name, source.transitions,
    source.request_price_nano_usd::text AS request_price, source.duration_price_nano_usd::text AS duration_price`,
  where: SCOPED,
  toEvent: (row, position) => ({
    position,
    scope: scopeOf(row),
    type: row['type'] as LedgerEntryTypeName,
    timestamp: row['timestamp'] as Date,
    functionName: row['function_name'] as string | null,
    versionNumber: row['version_number'] as number | null,
    requestId: row['invocation_id'] as string | null,
    attempt: row['attempt'] as number | null,
    architecture: row['architecture'] as ArchitectureName,
    isProvisioned: row['is_provisioned'] as boolean,
    priceList: row['price_list'] as string,
    note: row['note'] as string | null,
    stateMachineName: row['state_machine_name'] as string | null,
    transitions: row['transitions'] as number | null,
    memoryMiB: row['memory_mib'] as number,
    durationUs: row['duration_us'] as number,
    billedMs: row['billed_ms'] as number,
    requestPriceNanoUsd: BigInt(row['request_price'] as string),
    durationPriceNanoUsd: BigInt(row['duration_price'] as string),
  }),
}

const throttles: StreamStatement<ThrottleEventRecord> = {
  name: 'stream_throttles',
  table: 'throttle_event',
  columns: `source.account_id, source.region, source.timestamp, source.function_name, source.version_number,
    source.invocation_id, source.invocation_type, source.state_machine_name, source.execution_name, source.reason,
    source."limit"`,
  where: SCOPED,
  toEvent: (row, position) => ({
    position,
    scope: scopeOf(row),
    timestamp: row['timestamp'] as Date,
    functionName: row['function_name'] as string | null,
    requestId: row['invocation_id'] as string | null,
    invocationType: row['invocation_type'] as InvocationTypeName | null,
    stateMachineName: row['state_machine_name'] as string | null,
    executionName: row['execution_name'] as string | null,
    versionNumber: row['version_number'] as number | null,
    reason: row['reason'] as ThrottleReason,
    limit: row['limit'] as number,
  }),
}

const aliasShifts: StreamStatement<AliasShiftEventRecord> = {
  name: 'stream_alias_shifts',
  table: 'alias_shift_event',
  columns: 'source.type, source.timestamp, source.alias_name, source.to_version, source.weight_percent, source.reason',
  where: 'source.function_id = $4::uuid',
  toEvent: (row, position) => ({
    position,
    type: row['type'] as AliasShiftEventRecord['type'],
    timestamp: row['timestamp'] as Date,
    aliasName: row['alias_name'] as string,
    toVersion: row['to_version'] as number,
    weightPercent: row['weight_percent'] as number,
    reason: row['reason'] as string | null,
  }),
}

/** The streams of the installation. */
export interface StreamSources {
  functionLog(functionId: string): StreamSource<LogEventRecord>
  invocationEvents(invocationId: string): StreamSource<InvocationEventRecord>
  ledger(scope: Scope): StreamSource<LedgerEntryRecord>
  throttles(scope: Scope): StreamSource<ThrottleEventRecord>
  aliasShifts(functionId: string): StreamSource<AliasShiftEventRecord>
}

export function createStreamSources(pool: Pool): StreamSources {
  return {
    functionLog: (id) => createStreamSource(pool, topics.log(id), functionLog, [id]),
    invocationEvents: (id) => createStreamSource(pool, topics.invocation(id), invocationEvents, [id]),
    ledger: (scope) => createStreamSource(pool, topics.ledger(scope), ledger, [scope.accountId, scope.region]),
    aliasShifts: (id) => createStreamSource(pool, topics.shifts(id), aliasShifts, [id]),
    throttles: (scope) => createStreamSource(pool, topics.throttles(scope), throttles, [scope.accountId, scope.region]),
  }
}
