import type { ExtensionEventName } from '../../model/extensionState.ts'
import type { InitializationType } from '../contract.ts'

/** What an extension can subscribe to. https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html */
export const TELEMETRY_CATEGORIES = ['platform', 'function', 'extension'] as const

export type TelemetryCategory = (typeof TELEMETRY_CATEGORIES)[number]

/** How a phase ended: `error` by the function's fault. AWS's `failure`, by the platform's, is the caller's to hear. */
export type TelemetryStatus = 'success' | 'error' | 'timeout'

interface Tracing {
  readonly type: 'X-Amzn-Trace-Id'
  readonly value: string
}

interface InitPhase {
  readonly initializationType: InitializationType
  readonly phase: 'init'
}

/** How a phase ended, and AWS's type of the error where it did not end well. */
export interface TelemetryEnd {
  readonly status: TelemetryStatus
  readonly errorType?: string
}

/**
 * The records of the platform's events, by type. Durations are milliseconds with three places, `time` and `start` are
 * ISO 8601. https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
 */
export interface PlatformRecords {
  readonly 'platform.initStart': InitPhase & {
    readonly runtimeVersion: string
    readonly runtimeVersionArn: string
    readonly functionName: string
    readonly functionVersion: string
    readonly instanceId: string
    /** Bytes. */
    readonly instanceMaxMemory: number
  }
  readonly 'platform.initRuntimeDone': InitPhase & TelemetryEnd
  readonly 'platform.initReport': InitPhase & TelemetryEnd & { readonly metrics: { readonly durationMs: number } }
  readonly 'platform.extension': {
    readonly name: string
    readonly state: string
    readonly events: readonly ExtensionEventName[]
    readonly errorType?: string
  }
  readonly 'platform.telemetrySubscription': {
    readonly name: string
    readonly state: 'Subscribed' | 'Already subscribed'
    readonly types: readonly TelemetryCategory[]
  }
  readonly 'platform.logsDropped': {
    readonly droppedBytes: number
    readonly droppedRecords: number
    readonly reason: string
  }
  readonly 'platform.start': { readonly requestId: string; readonly version: string; readonly tracing: Tracing }
  readonly 'platform.runtimeDone': TelemetryEnd & {
    readonly requestId: string
    readonly tracing: Tracing
    readonly metrics: { readonly durationMs: number; readonly producedBytes?: number }
  }
  readonly 'platform.report': TelemetryEnd & {
    readonly requestId: string
    readonly tracing: Tracing
    readonly metrics: {
      readonly durationMs: number
      readonly billedDurationMs: number
      readonly memorySizeMB: number
      readonly maxMemoryUsedMB: number
      readonly initDurationMs?: number
    }
  }
}

export type PlatformEventType = keyof PlatformRecords

/** What a subscriber gets in an array, or on a line of its own. */
export interface TelemetryEvent {
  readonly time: string
  readonly type: PlatformEventType | 'function' | 'extension'
  /** Of a line its text. */
  readonly record: PlatformRecords[PlatformEventType] | string
}
