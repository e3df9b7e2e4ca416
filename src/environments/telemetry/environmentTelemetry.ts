import { extensionStateName } from '../../model/extensionState.ts'
import { billedDurationMs } from '../../model/price.ts'
import { versionName } from '../../model/version.ts'
import type {
  EnvironmentOutcome,
  EnvironmentRequest,
  EnvironmentResult,
  EnvironmentSpec,
  InitializationType,
} from '../contract.ts'
import type { Extension } from '../extensions/extensionRegistry.ts'
import type { RuntimeVersion } from '../runtimeVersion.ts'
import type { Telemetry } from './telemetry.ts'
import { telemetryEnd } from './telemetryEnd.ts'
import type { TelemetryEnd } from './telemetryEvent.ts'

const MIB = 1024 * 1024
const SUCCESS: TelemetryEnd = { status: 'success' }

/** Whose telemetry it is. */
export interface TelemetrySubject {
  readonly spec: EnvironmentSpec
  readonly logStreamName: string
  readonly initializationType: InitializationType
  readonly runtimeVersion: RuntimeVersion
}

/** Tells an environment's telemetry what it goes through. */
export class EnvironmentTelemetry {
  readonly #telemetry: Telemetry
  readonly #subject: TelemetrySubject

  constructor(telemetry: Telemetry, subject: TelemetrySubject) {
    this.#telemetry = telemetry
    this.#subject = subject
  }

  initStarted(): void {
    const { spec, logStreamName, runtimeVersion } = this.#subject
    this.#telemetry.platform('platform.initStart', {
      ...this.#phase(),
      runtimeVersion: runtimeVersion.name,
      runtimeVersionArn: runtimeVersion.arn,
      functionName: spec.functionName,
      functionVersion: versionName(spec.versionNumber),
      instanceId: logStreamName,
      instanceMaxMemory: spec.memoryMiB * MIB,
    })
  }

  /** The runtime has loaded the code; null: as it should. */
  initRuntimeDone(failure: EnvironmentOutcome | null): void {
    this.#telemetry.platform('platform.initRuntimeDone', { ...this.#phase(), ...endOf(failure) })
  }

  /** The start is over, and with it the time in which extensions may subscribe. */
  initEnded(failure: EnvironmentOutcome | null, durationUs: number, extensions: readonly Extension[]): void {
    for (const { name, state, events } of extensions) {
      const errorType = 'errorType' in state ? { errorType: state.errorType } : {}
      this.#telemetry.platform('platform.extension', { name, state: extensionStateName(state), events, ...errorType })
    }
    const metrics = { durationMs: milliseconds(durationUs) }
    this.#telemetry.platform('platform.initReport', { ...this.#phase(), ...endOf(failure), metrics })
    this.#telemetry.closeSubscription()
  }

  started({ requestId, traceId }: EnvironmentRequest): void {
    const version = versionName(this.#subject.spec.versionNumber)
    this.#telemetry.platform('platform.start', { requestId, version, tracing: tracingOf(traceId) })
  }

  /** The runtime is done with an event; extensions may not be. */
  runtimeDone({ requestId, traceId }: EnvironmentRequest, outcome: EnvironmentOutcome, durationUs: number): void {
    this.#telemetry.platform('platform.runtimeDone', {
      requestId,
      ...telemetryEnd(outcome),
      tracing: tracingOf(traceId),
      metrics: { durationMs: milliseconds(durationUs), producedBytes: producedBytes(outcome) },
    })
  }

  reported({ requestId, traceId, billingStepMs }: EnvironmentRequest, result: EnvironmentResult): void {
    const { outcome, durationUs, initDurationUs, maxMemoryMiB } = result
    this.#telemetry.platform('platform.report', {
      requestId,
      ...telemetryEnd(outcome),
      tracing: tracingOf(traceId),
      metrics: {
        durationMs: milliseconds(durationUs),
        billedDurationMs: billedDurationMs(durationUs, billingStepMs),
        memorySizeMB: this.#subject.spec.memoryMiB,
        maxMemoryUsedMB: maxMemoryMiB,
        ...(initDurationUs === null ? {} : { initDurationMs: milliseconds(initDurationUs) }),
      },
    })
  }

  #phase() {
    return { initializationType: this.#subject.initializationType, phase: 'init' } as const
  }
}

function endOf(failure: EnvironmentOutcome | null): TelemetryEnd {
  return failure === null ? SUCCESS : telemetryEnd(failure)
}

function tracingOf(value: string) {
  return { type: 'X-Amzn-Trace-Id', value } as const
}

/** Microseconds as milliseconds with at most three places. */
function milliseconds(us: number): number {
  return Math.round(us) / 1000
}

function producedBytes(outcome: EnvironmentOutcome): number {
  const streamedBytes = outcome.kind === 'SUCCEEDED' ? outcome.streamedBytes : undefined
  return streamedBytes ?? Buffer.byteLength(outcome.payload)
}
