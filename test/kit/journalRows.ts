import { v7 as uuid } from 'uuid'
import type { InvocationEventRow, JournalEntry, LogEventRow } from '../../src/invocations/journalEntry.ts'
import { DEFAULT_PRICE_LIST } from '../../src/model/price.ts'
import type { Scope } from '../../src/model/records.ts'

/** Rows for tests that write to the journal directly. */
export const testScope: Scope = { accountId: '100000000001', region: 'us-east-1' }

export function logRow(functionId: string, message: string): LogEventRow {
  return {
    functionId,
    functionName: 'tested',
    versionNumber: 0,
    logStreamName: 'stream',
    invocationId: null,
    timestampMs: Date.now(),
    source: 'STDOUT',
    message,
  }
}

export function eventRow(invocationId: string, type: InvocationEventRow['type']): InvocationEventRow {
  return { invocationId, type, timestampMs: Date.now(), attempt: null, nextAttemptAtMs: null }
}

/** An asynchronous invocation that is due now. */
export function acceptedEntry(
  functionId: string,
  nowMs: number,
  id: string = uuid(),
): JournalEntry & { readonly id: string } {
  return {
    id,
    newInvocation: {
      id,
      scope: testScope,
      functionId,
      functionName: 'tested',
      type: 'EVENT',
      qualifier: null,
      executedVersion: null,
      status: 'QUEUED',
      createdAtMs: nowMs,
      finishedAtMs: null,
      payload: '{}',
      clientContext: null,
      result: null,
      functionError: null,
      source: 'API',
      traceHeader: null,
      redriveOf: null,
    },
    enqueue: { id, scope: testScope, functionId, qualifier: null, dueAtMs: nowMs },
    invocationEvents: [eventRow(id, 'QUEUED')],
  }
}

/** The end of a leased attempt, with its charge. */
export function completedEntry(
  functionId: string,
  invocationId: string,
  nodeId: string,
  attempts: number,
): JournalEntry {
  const nowMs = Date.now()
  return {
    lease: { invocationId, nodeId, attempts, requeue: null },
    finish: {
      id: invocationId,
      executedVersion: 0,
      status: 'SUCCEEDED',
      finishedAtMs: nowMs,
      result: 'null',
      functionError: null,
      condition: 'Success',
    },
    charge: chargeRow(functionId, invocationId, attempts),
    invocationEvents: [eventRow(invocationId, 'SUCCEEDED')],
  }
}

export function chargeRow(functionId: string, invocationId: string, attempt: number) {
  return {
    scope: testScope,
    timestampMs: Date.now(),
    functionId,
    functionName: 'tested',
    versionNumber: 0,
    invocationId,
    attempt,
    memoryMiB: 128,
    durationUs: 1_000,
    billedMs: 100,
    architecture: 'X86_64' as const,
    isProvisioned: false,
    prices: DEFAULT_PRICE_LIST,
  }
}
