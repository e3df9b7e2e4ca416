import { v7 as uuid } from 'uuid'
import type { ConcurrencyLimiter } from '../concurrency/limiter.ts'
import { ThrottleFault } from '../errors.ts'
import type { ResolvedVersion, VersionResolver } from '../functions/contract.ts'
import type { InvocationTypeName, Scope } from '../model/records.ts'
import type { InvocationEventRow, NewInvocation, ThrottleRow } from './journalEntry.ts'
import { clientContextText, payloadText } from './payload.ts'
import { type AttemptServices, runAttempt } from './runAttempt.ts'

/** What is asked for; the GraphQL input `InvokeInput`. */
export interface InvokeRequest {
  readonly functionName: string
  readonly qualifier: string | null
  readonly type: InvocationTypeName
  readonly payload?: unknown
  readonly payloadText: string | null
  readonly clientContext: unknown
  readonly isTailWanted: boolean
}

/** What became of it. */
export type InvokeAnswer =
  | {
      readonly kind: 'RAN'
      readonly requestId: string
      readonly versionNumber: number
      readonly functionError: 'Unhandled' | null
      /** JSON text of the result or of the error object. */
      readonly payload: string
      /** Null where it was not asked for. */
      readonly logTail: string | null
    }
  | { readonly kind: 'ACCEPTED'; readonly requestId: string }
  | { readonly kind: 'DRY_RUN' }

export interface InvokeServices extends AttemptServices {
  readonly resolver: VersionResolver
  readonly limiter: ConcurrencyLimiter
  readonly random: () => number
}

/** How long a synchronous caller waits for room on this machine before it is throttled. */
const CAPACITY_WAIT_MS = 10_000

/**
 * Runs a function, or accepts it to be run, and answers when that is durable. The function's fault is in the answer.
 * Throws a UserFault with AWS's words, a ThrottleFault where a limit refuses, a PlatformFault where the platform fails.
 */
export async function invoke(services: InvokeServices, scope: Scope, request: InvokeRequest): Promise<InvokeAnswer> {
  const payload = payloadText(request, request.type)
  const clientContext = clientContextText(request.clientContext)
  const version = await services.resolver.resolve(scope, request.functionName, request.qualifier, services.random())
  switch (request.type) {
    case 'DRY_RUN':
      return { kind: 'DRY_RUN' }
    case 'EVENT':
      return accept(services, scope, version, payload, clientContext)
    case 'REQUEST_RESPONSE':
      return run(services, scope, version, payload, clientContext, request.isTailWanted)
  }
}

async function accept(
  { journal, clock }: InvokeServices,
  scope: Scope,
  version: ResolvedVersion,
  payload: string,
  clientContext: string | null,
): Promise<InvokeAnswer> {
  const id = uuid()
  const nowMs = clock.now()
  const { functionId } = version.spec
  await journal.write({
    newInvocation: {
      ...newInvocation(id, scope, version, nowMs),
      type: 'EVENT',
      status: 'QUEUED',
      payload,
      clientContext,
    },
    enqueue: { id, scope, functionId, qualifier: version.qualifier, dueAtMs: nowMs },
    invocationEvents: [{ invocationId: id, type: 'QUEUED', timestampMs: nowMs, attempt: null, nextAttemptAtMs: nowMs }],
  })
  return { kind: 'ACCEPTED', requestId: id }
}

async function run(
  services: InvokeServices,
  scope: Scope,
  version: ResolvedVersion,
  payload: string,
  clientContext: string | null,
  isTailWanted: boolean,
): Promise<InvokeAnswer> {
  const { journal, limiter, clock } = services
  const requestId = uuid()
  const createdAtMs = clock.now()
  try {
    using _lease = await limiter.acquire(scope, version.spec.functionId)
    const order = { requestId, number: 1, version, payload, clientContext, isTailWanted }
    const attemptRun = await runAttempt(services, {
      ...order,
      isBeginningRecorded: false,
      capacityWaitMs: CAPACITY_WAIT_MS,
    })
    const { outcome } = attemptRun.result
    const functionError = outcome.kind === 'FAILED' ? 'Unhandled' : null
    const finishedAtMs = clock.now()
    const ended: InvocationEventRow = {
      invocationId: requestId,
      type: outcome.kind,
      timestampMs: finishedAtMs,
      attempt: 1,
      nextAttemptAtMs: null,
    }
    await journal.write({
      newInvocation: {
        ...newInvocation(requestId, scope, version, createdAtMs),
        type: 'REQUEST_RESPONSE',
        status: outcome.kind,
        executedVersion: version.spec.versionNumber,
        finishedAtMs,
        functionError,
      },
      attempt: attemptRun.attempt,
      logEvents: attemptRun.logEvents,
      invocationEvents: [...(attemptRun.beginning === null ? [] : [attemptRun.beginning]), ended],
      charge: attemptRun.charge,
    })
    return {
      kind: 'RAN',
      requestId,
      versionNumber: version.spec.versionNumber,
      functionError,
      payload: outcome.payload,
      logTail: isTailWanted ? attemptRun.tail : null,
    }
  } catch (error) {
    if (error instanceof ThrottleFault) {
      await journal.write({ throttle: throttleRow(requestId, scope, version, 'REQUEST_RESPONSE', error, clock.now()) })
    }
    throw error
  }
}

function newInvocation(
  id: string,
  scope: Scope,
  version: ResolvedVersion,
  createdAtMs: number,
): Omit<NewInvocation, 'type' | 'status'> {
  return {
    id,
    scope,
    functionId: version.spec.functionId,
    functionName: version.spec.functionName,
    qualifier: version.qualifier,
    executedVersion: null,
    createdAtMs,
    finishedAtMs: null,
    payload: null,
    clientContext: null,
    result: null,
    functionError: null,
  }
}

/** The row of a refused attempt. */
export function throttleRow(
  invocationId: string,
  scope: Scope,
  version: ResolvedVersion,
  invocationType: InvocationTypeName,
  fault: ThrottleFault,
  timestampMs: number,
): ThrottleRow {
  return {
    scope,
    timestampMs,
    functionId: version.spec.functionId,
    functionName: version.spec.functionName,
    versionNumber: version.spec.versionNumber,
    invocationId,
    invocationType,
    reason: fault.reason,
    limit: fault.limit,
  }
}
