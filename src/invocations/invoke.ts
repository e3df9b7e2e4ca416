import type { Pool } from 'pg'
import type { BudgetWatch } from '../billing/budgetWatch.ts'
import type { ConcurrencyLimiter } from '../concurrency/limiter.ts'
import type { ResponseSink } from '../environments/contract.ts'
import { ThrottleFault, UserFault } from '../errors.ts'
import type { ResolvedVersion, VersionResolver } from '../functions/contract.ts'
import { newInvocationId } from '../model/invocationId.ts'
import { isLooping, RECURSIVE_LOOP, traceHeaderOf } from '../model/lineage.ts'
import type { InvocationSourceName, InvocationTypeName, Scope } from '../model/records.ts'
import { invokeOnce, refuseMalformedKey } from './invokeOnce.ts'
import type { AcceptedEvent, InvocationEventRow, NewInvocation, RanInvocation, ThrottleRow } from './journalEntry.ts'
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
  /** Run it in an environment that is started for it, though others may be warm: only for REQUEST_RESPONSE. */
  readonly isColdStartForced: boolean
  /** X-Ray trace header of the caller, which carries the chain that it is part of; or null. */
  readonly traceHeader: string | null
  /** The caller's own name for the invocation, under which it happens once; or null. */
  readonly idempotencyKey: string | null
  /**
   * Makes the sink of the response, for a caller who takes it while the function runs: only for REQUEST_RESPONSE without
   * a key. Where the function has begun to stream, the answer's payload has nothing of the response.
   */
  readonly streamTo?: (run: NamedRun) => ResponseSink
}

/** A run that is about to begin. */
export interface NamedRun {
  readonly requestId: string
  readonly versionNumber: number
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
      /** Whether it ran before, under the same idempotency key. */
      readonly isRepeated: boolean
    }
  | { readonly kind: 'ACCEPTED'; readonly requestId: string; readonly isRepeated: boolean }
  | { readonly kind: 'DRY_RUN' }

export interface InvokeServices extends AttemptServices {
  readonly resolver: VersionResolver
  readonly limiter: ConcurrencyLimiter
  /** Throws a ThrottleFault where nothing may be spent any more. */
  readonly budgets: Pick<BudgetWatch, 'refuseSpent'>
  readonly random: () => number
}

/** How long a synchronous caller waits for room on this machine before it is throttled. */
const CAPACITY_WAIT_MS = 10_000

/**
 * Runs a function, or accepts it to be run, and answers when that is durable. The function's fault is in the answer.
 * Throws a UserFault with AWS's words, a ThrottleFault where a limit refuses, a PlatformFault where the platform fails.
 */
export async function invoke(
  services: InvokeServices,
  database: Pool,
  scope: Scope,
  request: InvokeRequest,
): Promise<InvokeAnswer> {
  const { idempotencyKey: key } = request
  if (key !== null) refuseMalformedKey(key, request.type)
  if (request.isColdStartForced) refuseForcing(request.type)
  const payload = payloadText(request, request.type)
  const clientContext = clientContextText(request.clientContext)
  const version = await services.resolver.resolve(scope, request.functionName, request.qualifier, services.random())
  const order: Order = { scope, version, payload, clientContext, traceHeader: request.traceHeader }
  if (key !== null) return invokeOnce(services, database, { ...order, key, request })
  switch (request.type) {
    case 'DRY_RUN':
      return { kind: 'DRY_RUN' }
    case 'EVENT':
      return accept(services, order)
    case 'REQUEST_RESPONSE':
      return run(services, order, request)
  }
}

function refuseForcing(type: InvocationTypeName): void {
  if (type === 'REQUEST_RESPONSE') return
  const message = `A cold start can be forced of a REQUEST_RESPONSE invocation alone, not of ${type}.`
  throw new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'forceColdStart'])
}

/** What is to be run, checked: a version that is there, and payloads of a fitting size. */
export interface Order {
  readonly scope: Scope
  readonly version: ResolvedVersion
  /** JSON text. */
  readonly payload: string
  /** JSON text, or null. */
  readonly clientContext: string | null
  readonly traceHeader: string | null
}

/** Accepts an event: it runs as soon as it can, and is tried again where it fails. */
export async function accept({ journal, clock }: InvokeServices, order: Order): Promise<InvokeAnswer> {
  const id = newInvocationId()
  await journal.write(acceptedEvent(id, order, 'API', clock.now()))
  return { kind: 'ACCEPTED', requestId: id, isRepeated: false }
}

/** The rows of an event that is accepted: it is due at once. */
export function acceptedEvent(id: string, order: Order, source: InvocationSourceName, nowMs: number): AcceptedEvent {
  const { scope, version, payload, clientContext, traceHeader } = order
  const { functionId } = version.spec
  return {
    newInvocation: {
      ...newInvocation(id, order, nowMs),
      type: 'EVENT',
      status: 'QUEUED',
      payload,
      clientContext,
      source,
      traceHeader,
    },
    enqueue: { id, scope, functionId, qualifier: version.qualifier, dueAtMs: nowMs },
    invocationEvents: [{ invocationId: id, type: 'QUEUED', timestampMs: nowMs, attempt: null, nextAttemptAtMs: nowMs }],
  }
}

/** How an invocation is run whose caller has named it. */
export interface RunOptions {
  readonly requestId: string
  readonly isResultKept: boolean
}

/** The answer of an invocation that ran. */
export type RanAnswer = Extract<InvokeAnswer, { kind: 'RAN' }>

/** An invocation that has run and is not durable yet. */
export interface UnrecordedRun {
  readonly answer: RanAnswer
  readonly rows: RanInvocation
}

type RunRequest = Pick<InvokeRequest, 'isTailWanted' | 'isColdStartForced' | 'streamTo'>

/**
 * Runs an invocation synchronously and answers when its outcome is durable. Where its result is kept, it can be given
 * again later.
 */
export function run(
  services: InvokeServices,
  order: Order,
  request: RunRequest,
  options: RunOptions = { requestId: newInvocationId(), isResultKept: false },
): Promise<InvokeAnswer> {
  return runUntil(services, order, request, options, async ({ answer, rows }) => {
    await services.journal.write(rows)
    return answer
  })
}

/** Runs an invocation synchronously for a caller who has more to write with its rows, and sees to it that they are written. */
export function runUnrecorded(services: InvokeServices, order: Order, requestId: string): Promise<UnrecordedRun> {
  const request = { isTailWanted: false, isColdStartForced: false }
  return runUntil(services, order, request, { requestId, isResultKept: false }, async (ran) => ran)
}

/** The invocation counts against the limits until `end` resolves. */
async function runUntil<Answer>(
  services: InvokeServices,
  order: Order,
  { isTailWanted, isColdStartForced, streamTo }: RunRequest,
  { requestId, isResultKept }: RunOptions,
  end: (ran: UnrecordedRun) => Promise<Answer>,
): Promise<Answer> {
  const { journal, limiter, clock } = services
  const { scope, version, payload, clientContext, traceHeader } = order
  const { functionId } = version.spec
  if (version.recursiveLoop === 'TERMINATE' && isLooping(traceHeader, functionId)) {
    throw new UserFault('RECURSIVE_INVOCATION', RECURSIVE_LOOP)
  }
  const createdAtMs = clock.now()
  try {
    services.budgets.refuseSpent(scope)
    using _lease = await limiter.acquire(scope, functionId)
    const attemptRun = await runAttempt(services, {
      requestId,
      number: 1,
      version,
      payload,
      clientContext,
      traceHeader: traceHeaderOf(traceHeader, requestId, functionId),
      isTailWanted,
      responseSink: streamTo?.({ requestId, versionNumber: version.spec.versionNumber }) ?? null,
      isBeginningRecorded: false,
      reservation: { waitMs: CAPACITY_WAIT_MS, isColdStartForced },
    })
    const { outcome } = attemptRun.result
    const functionError = outcome.kind === 'FAILED' ? 'Unhandled' : null
    const finishedAtMs = clock.now()
    const answer: RanAnswer = {
      kind: 'RAN',
      requestId,
      versionNumber: version.spec.versionNumber,
      functionError,
      payload: outcome.payload,
      logTail: isTailWanted ? attemptRun.tail : null,
      isRepeated: false,
    }
    const ended: InvocationEventRow = {
      invocationId: requestId,
      type: outcome.kind,
      timestampMs: finishedAtMs,
      attempt: 1,
      nextAttemptAtMs: null,
    }
    const rows: RanInvocation = {
      newInvocation: {
        ...newInvocation(requestId, order, createdAtMs),
        type: 'REQUEST_RESPONSE',
        status: outcome.kind,
        executedVersion: version.spec.versionNumber,
        finishedAtMs,
        result: isResultKept ? outcome.payload : null,
        functionError,
      },
      attempt: attemptRun.attempt,
      logEvents: attemptRun.logEvents,
      invocationEvents: [...(attemptRun.beginning === null ? [] : [attemptRun.beginning]), ended],
      charge: attemptRun.charge,
    }
    return await end({ answer, rows })
  } catch (error) {
    if (error instanceof ThrottleFault) {
      await journal.write({ throttle: throttleRow(requestId, scope, version, 'REQUEST_RESPONSE', error, clock.now()) })
    }
    throw error
  }
}

function newInvocation(
  id: string,
  { scope, version }: Order,
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
    source: 'API',
    traceHeader: null,
    redriveOf: null,
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
    refused: {
      kind: 'INVOCATION',
      functionId: version.spec.functionId,
      functionName: version.spec.functionName,
      versionNumber: version.spec.versionNumber,
      invocationId,
      invocationType,
    },
    reason: fault.reason,
    limit: fault.limit,
  }
}
