import { PlatformFault } from '../errors.ts'
import type { RecordCondition } from './destinationRecord.ts'

/**
 * The life of a queued invocation as a pure, total transition function. An asynchronous invocation waits, is leased to
 * a node for an attempt, and is done after a success or when its retries or its age have run out.
 * Rules: two retries 60 s and 120 s later, an age limit with a look-ahead (a retry that would begin after it is not
 * planned), throttled tries repeated after 1 s to 5 min without counting.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */

/** What is counted while an invocation waits and runs. */
export interface QueueCounters {
  /** Number of the present or the last attempt; those that were lost are counted, throttled tries are not. */
  readonly attempts: number
  /** How many attempts failed by the function's fault. */
  readonly failures: number
  /** How many times in a row a limit refused it. */
  readonly throttles: number
}

/** Where a queued invocation stands. */
export type QueueState =
  | ({ readonly kind: 'WAITING'; readonly dueAtMs: number } & QueueCounters)
  | ({ readonly kind: 'LEASED'; readonly nodeId: string } & QueueCounters)
  | ({ readonly kind: 'DONE'; readonly condition: DoneCondition } & QueueCounters)

/** Why a queued invocation is done. One that was cancelled has no record. */
export type DoneCondition = RecordCondition | 'Cancelled'

/** Why an invocation is given up without another attempt. */
export type RefusalCondition = Exclude<RecordCondition, 'Success' | 'RetriesExhausted'>

/** What happens to a queued invocation. */
export type QueueEvent =
  | { readonly kind: 'CLAIMED'; readonly nodeId: string }
  | { readonly kind: 'SUCCEEDED' }
  /** The function failed. */
  | { readonly kind: 'FAILED'; readonly nowMs: number }
  /** A limit refused the attempt before it began. */
  | { readonly kind: 'THROTTLED'; readonly nowMs: number }
  /** The platform failed or the node was lost or stopped during the attempt. */
  | { readonly kind: 'LOST'; readonly nowMs: number }
  /** It was claimed, and no attempt may or can be made. */
  | { readonly kind: 'REFUSED'; readonly condition: RefusalCondition }
  /** Its owner wants no attempt any more. */
  | { readonly kind: 'CANCELLED' }

/** How often and how long to try. */
export interface RetryPolicy {
  readonly maximumRetryAttempts: number
  /** No attempt begins after this time. */
  readonly expiresAtMs: number
}

/** AWS's defaults. */
export const DEFAULT_MAXIMUM_RETRY_ATTEMPTS = 2
/** AWS's default: six hours. */
export const DEFAULT_MAXIMUM_EVENT_AGE_MS = 6 * 3600 * 1000

const FIRST_RETRY_DELAY_MS = 60_000
const FIRST_BACKOFF_MS = 1_000
const LONGEST_BACKOFF_MS = 300_000

/** Delay before the retry that follows the `failures`-th failure: 60 s, 120 s. */
export function retryDelayMs(failures: number): number {
  return FIRST_RETRY_DELAY_MS * 2 ** (failures - 1)
}

/** Delay after the `count`-th refusal in a row: 1 s, 2 s, 4 s ... 5 min. */
export function backoffMs(count: number): number {
  return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(count - 1, 16))
}

/** The state after an event. Throws a PlatformFault for an event that is impossible in the state. */
export function nextQueueState(state: QueueState, event: QueueEvent, policy: RetryPolicy): QueueState {
  const { attempts, failures, throttles } = state
  if (event.kind === 'CLAIMED') {
    if (state.kind !== 'WAITING') throw illegal(state, event)
    return { kind: 'LEASED', nodeId: event.nodeId, attempts: attempts + 1, failures, throttles }
  }
  if (event.kind === 'CANCELLED') {
    if (state.kind !== 'WAITING') throw illegal(state, event)
    return { kind: 'DONE', condition: 'Cancelled', attempts, failures, throttles }
  }
  if (state.kind !== 'LEASED') throw illegal(state, event)
  switch (event.kind) {
    case 'SUCCEEDED':
      return { kind: 'DONE', condition: 'Success', attempts, failures, throttles: 0 }
    case 'FAILED': {
      const counters = { attempts, failures: failures + 1, throttles: 0 }
      if (counters.failures > policy.maximumRetryAttempts)
        return { kind: 'DONE', condition: 'RetriesExhausted', ...counters }
      return waitUntil(event.nowMs + retryDelayMs(counters.failures), counters, policy)
    }
    case 'THROTTLED': {
      const counters = { attempts: attempts - 1, failures, throttles: throttles + 1 }
      return waitUntil(event.nowMs + backoffMs(counters.throttles), counters, policy)
    }
    case 'LOST': {
      // The first loss is most likely a restart; an event that takes its node down each time must not do so at once.
      const losses = attempts - failures
      const delayMs = losses <= 1 ? 0 : backoffMs(losses - 1)
      // What is too old by then is ended by whoever claims it next, who can tell its destinations.
      const dueAtMs = Math.min(event.nowMs + delayMs, Math.max(event.nowMs, policy.expiresAtMs))
      return { kind: 'WAITING', dueAtMs, attempts, failures, throttles: 0 }
    }
    case 'REFUSED':
      return { kind: 'DONE', condition: event.condition, attempts: attempts - 1, failures, throttles }
  }
}

function waitUntil(dueAtMs: number, counters: QueueCounters, policy: RetryPolicy): QueueState {
  if (dueAtMs >= policy.expiresAtMs) return { kind: 'DONE', condition: 'EventAgeExceeded', ...counters }
  return { kind: 'WAITING', dueAtMs, ...counters }
}

function illegal(state: QueueState, event: QueueEvent): PlatformFault {
  return new PlatformFault(`a queued invocation that is ${state.kind} cannot take the event ${event.kind}`)
}
