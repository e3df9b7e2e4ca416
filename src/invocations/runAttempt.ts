import type { PriceBook } from '../billing/priceBook.ts'
import type {
  EnvironmentPool,
  EnvironmentResult,
  LogLine,
  ReserveOptions,
  ResponseSink,
} from '../environments/contract.ts'
import type { ResolvedVersion } from '../functions/contract.ts'
import type { Clock } from '../model/clock.ts'
import { endLine, logTail, reportLine, startLine } from '../model/logFraming.ts'
import { billedDurationMs } from '../model/price.ts'
import { AttemptLog } from './attemptLog.ts'
import { createInitLog } from './initLog.ts'
import type { Journal } from './journal.ts'
import type { AttemptRow, ChargeRow, InvocationEventRow, LogEventRow } from './journalEntry.ts'

/** What an attempt needs. */
export interface AttemptServices {
  readonly pool: EnvironmentPool
  readonly journal: Journal
  readonly prices: PriceBook
  readonly clock: Clock
  readonly nodeId: string
  readonly onError: (error: unknown) => void
}

/** One attempt to be made. */
export interface AttemptOrder {
  readonly requestId: string
  readonly number: number
  readonly version: ResolvedVersion
  /** JSON text. */
  readonly payload: string
  /** JSON text, or null. */
  readonly clientContext: string | null
  /** X-Ray trace header that the function sees. */
  readonly traceHeader: string
  readonly isTailWanted: boolean
  /** Takes the response while the function runs; null where nobody does. */
  readonly responseSink: ResponseSink | null
  /** Whether the attempt is recorded when it begins, and not only when it ends. */
  readonly isBeginningRecorded: boolean
  /** How it waits for an environment. */
  readonly reservation: ReserveOptions
  /** Called when it has one. */
  readonly onReserved?: () => void
}

/** An attempt that was made, with the rows that say so: they are for the commit of its outcome. */
export interface AttemptRun {
  readonly result: EnvironmentResult
  readonly attempt: AttemptRow
  readonly charge: ChargeRow
  readonly logEvents: readonly LogEventRow[]
  /** STARTED, where it has not been written before. */
  readonly beginning: InvocationEventRow | null
  /** The last 4 KB of the log; empty where no tail is wanted. */
  readonly tail: string
}

/**
 * Runs one attempt in an execution environment. The function's fault is in the result. Throws a ThrottleFault where
 * this machine has no room, and a PlatformFault where the platform failed.
 */
export async function runAttempt(services: AttemptServices, order: AttemptOrder): Promise<AttemptRun> {
  const { pool, journal, clock, nodeId, onError } = services
  const { requestId, number, version } = order
  const { spec } = version
  const origin = {
    functionId: spec.functionId,
    functionName: spec.functionName,
    versionNumber: spec.versionNumber,
  }

  const prices = await services.prices.at(spec.scope, clock.now())
  const initLog = createInitLog(journal, onError)
  await using environment = await pool.reserve(
    spec,
    (line, logStreamName) => initLog(spec, line, logStreamName),
    order.reservation,
  )
  order.onReserved?.()
  const { logStreamName, isColdStart, isProvisioned } = environment
  const log = new AttemptLog(
    { ...origin, logStreamName, invocationId: requestId },
    journal,
    order.isTailWanted,
    onError,
  )
  const platform = (message: string): LogLine => ({ timestampMs: clock.now(), source: 'PLATFORM', message, requestId })

  const running: AttemptRow = {
    invocationId: requestId,
    number,
    outcome: 'RUNNING',
    versionNumber: spec.versionNumber,
    nodeId,
    isColdStart,
    isProvisioned,
    logStreamName,
    startedAtMs: clock.now(),
    durationUs: null,
    initDurationUs: null,
    billedMs: null,
    maxMemoryMiB: null,
    functionError: null,
  }
  const started: InvocationEventRow = {
    invocationId: requestId,
    type: 'STARTED',
    timestampMs: running.startedAtMs,
    attempt: number,
    nextAttemptAtMs: null,
  }
  if (order.isBeginningRecorded) log.begin(running, started)
  log.add(platform(startLine(requestId, spec.versionNumber)))

  const result = await environment.invoke(
    {
      requestId,
      payload: order.payload,
      invokedFunctionArn: version.invokedFunctionArn,
      clientContext: order.clientContext,
      traceId: order.traceHeader,
      billingStepMs: prices.billingStepMs,
      responseSink: order.responseSink,
    },
    (line) => log.add(line),
  )

  const billedMs = billedDurationMs(result.durationUs, prices.billingStepMs)
  const { durationUs, initDurationUs, maxMemoryMiB } = result
  const report = { requestId, durationUs, billedMs, memoryMiB: spec.memoryMiB, maxMemoryMiB, initDurationUs }
  log.add(platform(endLine(requestId)))
  log.add(platform(reportLine(report)))
  const tail = order.isTailWanted ? logTail(log.lines()) : ''
  const remaining = await log.end()
  return {
    result,
    attempt: {
      ...running,
      outcome: result.outcome.kind,
      durationUs,
      initDurationUs,
      billedMs,
      maxMemoryMiB,
      functionError: result.outcome.kind === 'FAILED' ? 'Unhandled' : null,
    },
    charge: {
      scope: spec.scope,
      timestampMs: clock.now(),
      ...origin,
      invocationId: requestId,
      attempt: number,
      memoryMiB: spec.memoryMiB,
      durationUs,
      billedMs,
      architecture: spec.architecture,
      isProvisioned,
      prices,
    },
    logEvents: remaining.rows,
    beginning: order.isBeginningRecorded ? remaining.beginning : started,
    tail,
  }
}
