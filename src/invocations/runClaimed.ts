import { ThrottleFault, USER_ERRORS, UserFault } from '../errors.ts'
import type { ResolvedVersion } from '../functions/contract.ts'
import { functionArn } from '../model/functionArn.ts'
import { nextQueueState, type QueueEvent } from '../model/queueTransition.ts'
import type { Scope } from '../model/records.ts'
import { type InvokeServices, throttleRow } from './invoke.ts'
import { LeaseLostFault } from './journal.ts'
import type { JournalEntry } from './journalEntry.ts'
import { type LeasedInvocation, leasedInvocation } from './leasedInvocation.ts'
import { invocationEvent, leaseChange, TOO_OLD } from './leaseRows.ts'
import { returnLease } from './returnLease.ts'
import { runAttempt } from './runAttempt.ts'
import type { ClaimedRow } from './sql/claimInvocations.ts'

/** An invocation that this node holds the lease of, with what is needed to run it. */
export interface ClaimedInvocation extends LeasedInvocation {
  readonly scope: Scope
  readonly functionId: string
  readonly functionName: string
  readonly qualifier: string | null
  readonly payload: string
  readonly clientContext: string | null
}

/** A claimed row as the executor sees it. */
export function claimedInvocation(row: ClaimedRow): ClaimedInvocation {
  return {
    ...leasedInvocation(row, row.maximum_retry_attempts ?? undefined),
    scope: { accountId: row.account_id, region: row.region },
    functionId: row.function_id,
    functionName: row.function_name,
    qualifier: row.qualifier,
    payload: row.payload,
    clientContext: row.client_context,
  }
}

/** An asynchronous attempt waits only shortly for room: its place in the queue is kept. */
const CAPACITY_WAIT_MS = 2_000

/**
 * Makes the attempt that was claimed and writes what became of it: done, or when it is due again. Never throws: what
 * goes wrong with the platform puts the invocation back into the queue.
 */
export async function runClaimed(services: InvokeServices, claimed: ClaimedInvocation): Promise<void> {
  try {
    await services.journal.write(await attemptEntry(services, claimed))
  } catch (error) {
    if (error instanceof LeaseLostFault) return
    services.onError(error)
    await returnLease(services.journal, claimed, services.clock.now()).catch(services.onError)
  }
}

async function attemptEntry(services: InvokeServices, claimed: ClaimedInvocation): Promise<JournalEntry> {
  const { clock, limiter, resolver } = services
  if (clock.now() >= claimed.policy.expiresAtMs) {
    return refusedEntry(claimed, 'EventAgeExceeded', TOO_OLD, clock.now())
  }
  let version: ResolvedVersion | null
  try {
    version = await resolver.resolveQueued(
      claimed.functionId,
      claimed.qualifier,
      claimed.pinnedNumber,
      services.random(),
    )
  } catch (error) {
    // Nothing that waiting would change: its runtime cannot be had here.
    if (error instanceof UserFault) {
      return refusedEntry(claimed, USER_ERRORS[error.code].exception, error.message, clock.now())
    }
    throw error
  }
  if (version === null) {
    const arn = functionArn(claimed.scope, claimed.functionName, claimed.qualifier)
    return refusedEntry(claimed, 'ResourceNotFoundException', `Function not found: ${arn}`, clock.now())
  }
  try {
    using _lease = await limiter.acquire(claimed.scope, claimed.functionId)
    return await ranEntry(services, claimed, version)
  } catch (error) {
    if (!(error instanceof ThrottleFault)) throw error
    const nowMs = clock.now()
    return {
      ...transition(claimed, { kind: 'THROTTLED', nowMs }, claimed.pinnedNumber, null, nowMs),
      throttle: throttleRow(claimed.id, claimed.scope, version, 'EVENT', error, nowMs),
    }
  }
}

async function ranEntry(
  services: InvokeServices,
  claimed: ClaimedInvocation,
  version: ResolvedVersion,
): Promise<JournalEntry> {
  const run = await runAttempt(services, {
    requestId: claimed.id,
    number: claimed.state.attempts,
    version,
    payload: claimed.payload,
    clientContext: claimed.clientContext,
    isTailWanted: false,
    isBeginningRecorded: true,
    capacityWaitMs: CAPACITY_WAIT_MS,
  })
  const { outcome } = run.result
  const nowMs = services.clock.now()
  const event: QueueEvent = outcome.kind === 'SUCCEEDED' ? { kind: 'SUCCEEDED' } : { kind: 'FAILED', nowMs }
  const entry = transition(claimed, event, version.spec.versionNumber, outcome.payload, nowMs)
  return {
    ...entry,
    attempt: run.attempt,
    charge: run.charge,
    logEvents: run.logEvents,
    invocationEvents: [...(run.beginning === null ? [] : [run.beginning]), ...(entry.invocationEvents ?? [])],
  }
}

/** The invocation ends without an attempt: it is too old, its function is gone, or cannot be run. */
function refusedEntry(
  claimed: ClaimedInvocation,
  errorType: string,
  errorMessage: string,
  nowMs: number,
): JournalEntry {
  const result = JSON.stringify({ errorType, errorMessage })
  return {
    lease: leaseChange(claimed, null),
    finish: {
      id: claimed.id,
      executedVersion: claimed.pinnedNumber,
      status: 'FAILED',
      finishedAtMs: nowMs,
      result,
      functionError: null,
    },
    invocationEvents: [invocationEvent(claimed.id, 'FAILED', null, nowMs, null)],
  }
}

/** The rows of the step from a lease to what follows an attempt. */
function transition(
  claimed: ClaimedInvocation,
  event: QueueEvent,
  versionNumber: number | null,
  result: string | null,
  nowMs: number,
): JournalEntry {
  const next = nextQueueState(claimed.state, event, claimed.policy)
  const attempt = event.kind === 'THROTTLED' ? null : claimed.state.attempts
  switch (next.kind) {
    case 'WAITING':
      return {
        lease: leaseChange(claimed, next, versionNumber),
        invocationEvents: [invocationEvent(claimed.id, 'RETRY_SCHEDULED', attempt, nowMs, next.dueAtMs)],
      }
    case 'DONE': {
      const status = event.kind === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED'
      return {
        lease: leaseChange(claimed, null),
        finish: {
          id: claimed.id,
          executedVersion: versionNumber,
          status,
          finishedAtMs: nowMs,
          result,
          functionError: event.kind === 'FAILED' ? 'Unhandled' : null,
        },
        invocationEvents: [invocationEvent(claimed.id, status, attempt, nowMs, null)],
      }
    }
    case 'LEASED':
      throw new RangeError(`the event ${event.kind} cannot lead to a lease`)
  }
}
