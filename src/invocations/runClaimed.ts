import { PlatformFault, ThrottleFault, USER_ERRORS, UserFault } from '../errors.ts'
import type { ResolvedVersion } from '../functions/contract.ts'
import type { RecordCondition } from '../model/destinationRecord.ts'
import { functionArn } from '../model/functionArn.ts'
import { isLooping, RECURSIVE_LOOP } from '../model/lineage.ts'
import { nextQueueState, type QueueEvent, type QueueState, type RefusalCondition } from '../model/queueTransition.ts'
import { type ClaimedInvocation, claimedTraceHeader } from './claimedInvocation.ts'
import { concludedEntry } from './concludedEntry.ts'
import { type InvokeServices, throttleRow } from './invoke.ts'
import { LeaseLostFault } from './journal.ts'
import type { JournalEntry } from './journalEntry.ts'
import { invocationEvent, leaseChange, TOO_OLD } from './leaseRows.ts'
import { returnLease } from './returnLease.ts'
import { runAttempt } from './runAttempt.ts'

/** An asynchronous attempt waits only shortly for room: its place in the queue is kept. */
const CAPACITY_WAIT_MS = 2_000

/**
 * Makes the attempt that was claimed and writes what became of it: done, or when it is due again. Never throws: what
 * goes wrong with the platform puts the invocation back into the queue. Calls `onReserved` when it has an environment.
 */
export async function runClaimed(
  services: InvokeServices,
  claimed: ClaimedInvocation,
  onReserved: () => void,
): Promise<void> {
  try {
    await services.journal.write(await attemptEntry(services, claimed, onReserved))
  } catch (error) {
    if (error instanceof LeaseLostFault) {
      await loseAttempt(services, claimed)
      return
    }
    services.onError(error)
    await returnLease(services.journal, claimed, services.clock.now()).catch(services.onError)
  }
}

/** Whoever took the lease found nothing to lose where the beginning of the attempt was written only after that. */
async function loseAttempt({ journal, onError }: InvokeServices, { id, state }: ClaimedInvocation): Promise<void> {
  await journal.write({ lostAttempt: { invocationId: id, number: state.attempts } }).catch(onError)
}

async function attemptEntry(
  services: InvokeServices,
  claimed: ClaimedInvocation,
  onReserved: () => void,
): Promise<JournalEntry> {
  const { clock, limiter, resolver } = services
  const { functionId, qualifier, traceHeader } = claimed
  let version: ResolvedVersion | null
  try {
    version = await resolver.resolveQueued(functionId, qualifier, claimed.pinnedNumber, services.random())
  } catch (error) {
    // Nothing that waiting would change: its runtime cannot be had here.
    if (!(error instanceof UserFault)) throw error
    const { exception } = USER_ERRORS[error.code]
    return refusedEntry(claimed, null, 'Unresolvable', exception, error.message, clock.now())
  }
  if (version === null) {
    const arn = functionArn(claimed.scope, claimed.functionName, qualifier)
    const message = `Function not found: ${arn}`
    return refusedEntry(claimed, null, 'Unresolvable', 'ResourceNotFoundException', message, clock.now())
  }
  if (clock.now() >= claimed.policy.expiresAtMs) {
    return refusedEntry(claimed, version, 'EventAgeExceeded', 'EventAgeExceeded', TOO_OLD, clock.now())
  }
  if (version.recursiveLoop === 'TERMINATE' && isLooping(traceHeader, functionId)) {
    const { exception } = USER_ERRORS.RECURSIVE_INVOCATION
    return refusedEntry(claimed, version, 'RecursiveInvocation', exception, RECURSIVE_LOOP, clock.now())
  }
  try {
    services.budgets.refuseSpent(claimed.scope)
    using _lease = await limiter.acquire(claimed.scope, functionId)
    return await ranEntry(services, claimed, version, onReserved)
  } catch (error) {
    if (!(error instanceof ThrottleFault)) throw error
    return throttledEntry(claimed, version, error, clock.now())
  }
}

function throttledEntry(
  claimed: ClaimedInvocation,
  version: ResolvedVersion,
  fault: ThrottleFault,
  nowMs: number,
): JournalEntry {
  const throttle = throttleRow(claimed.id, claimed.scope, version, 'EVENT', fault, nowMs)
  // A function that is turned off keeps nothing waiting (recorded facts, no. 117).
  if (fault.reason === 'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED' && fault.limit === 0) {
    const { exception } = USER_ERRORS[fault.code]
    const message = fault.message
    return { ...refusedEntry(claimed, version, 'ZeroReservedConcurrency', exception, message, nowMs), throttle }
  }
  const next = nextQueueState(claimed.state, { kind: 'THROTTLED', nowMs }, claimed.policy)
  if (next.kind === 'WAITING') return { ...waitingEntry(claimed, next, claimed.pinnedNumber, null, nowMs), throttle }
  return { ...refusedEntry(claimed, version, 'EventAgeExceeded', 'EventAgeExceeded', TOO_OLD, nowMs), throttle }
}

async function ranEntry(
  services: InvokeServices,
  claimed: ClaimedInvocation,
  version: ResolvedVersion,
  onReserved: () => void,
): Promise<JournalEntry> {
  const attempt = claimed.state.attempts
  const { versionNumber } = version.spec
  const run = await runAttempt(services, {
    requestId: claimed.id,
    number: attempt,
    version,
    payload: claimed.payload,
    clientContext: claimed.clientContext,
    traceHeader: claimedTraceHeader(claimed),
    isTailWanted: false,
    responseSink: null,
    isBeginningRecorded: true,
    reservation: { waitMs: CAPACITY_WAIT_MS, isPatient: true },
    onReserved,
  })
  const { outcome } = run.result
  const nowMs = services.clock.now()
  const event: QueueEvent = outcome.kind === 'SUCCEEDED' ? { kind: 'SUCCEEDED' } : { kind: 'FAILED', nowMs }
  const next = nextQueueState(claimed.state, event, claimed.policy)
  const entry =
    next.kind === 'WAITING'
      ? waitingEntry(claimed, next, versionNumber, attempt, nowMs)
      : concludedEntry(claimed, {
          version,
          condition: doneCondition(next),
          attempts: claimed.state.failures + 1,
          executed: { versionNumber, attempt, functionError: outcome.kind === 'FAILED' ? 'Unhandled' : null },
          result: outcome.payload,
          nowMs,
        })
  return {
    ...entry,
    attempt: run.attempt,
    charge: run.charge,
    logEvents: run.logEvents,
    invocationEvents: [...(run.beginning === null ? [] : [run.beginning]), ...(entry.invocationEvents ?? [])],
  }
}

/** The rows of an invocation that waits again. */
function waitingEntry(
  claimed: ClaimedInvocation,
  next: Extract<QueueState, { kind: 'WAITING' }>,
  versionNumber: number | null,
  attempt: number | null,
  nowMs: number,
): JournalEntry {
  return {
    lease: leaseChange(claimed, next, versionNumber),
    invocationEvents: [invocationEvent(claimed.id, 'RETRY_SCHEDULED', attempt, nowMs, next.dueAtMs)],
  }
}

/** The invocation ends without another attempt. */
function refusedEntry(
  claimed: ClaimedInvocation,
  version: ResolvedVersion | null,
  condition: RefusalCondition,
  errorType: string,
  errorMessage: string,
  nowMs: number,
): JournalEntry {
  const done = nextQueueState(claimed.state, { kind: 'REFUSED', condition }, claimed.policy)
  const result = JSON.stringify({ errorType, errorMessage })
  return concludedEntry(claimed, {
    version,
    condition: doneCondition(done),
    attempts: done.failures,
    executed: null,
    result,
    nowMs,
  })
}

function doneCondition(state: QueueState): RecordCondition {
  if (state.kind === 'DONE' && state.condition !== 'Cancelled') return state.condition
  throw new PlatformFault(`an attempt cannot leave an invocation ${state.kind}`)
}
