import type { ArchitectureName, LogSourceName, NetworkAccess, Scope } from '../model/records.ts'
import type { RuntimeIdentifier } from '../model/runtime.ts'

/**
 * What an execution environment is made of. Two specs with the same `key` are interchangeable: environments are pooled
 * by it. A change of `$LATEST` gives a new key.
 */
export interface EnvironmentSpec {
  /** Id of the version's row and of its revision, joined: what environments are pooled by. */
  readonly key: string
  readonly scope: Scope
  readonly functionId: string
  readonly functionName: string
  readonly versionNumber: number
  readonly runtime: RuntimeIdentifier
  readonly handler: string
  /** What it is billed as. */
  readonly architecture: ArchitectureName
  readonly memoryMiB: number
  readonly timeoutMs: number
  readonly ephemeralStorageMiB: number
  readonly networkAccess: NetworkAccess
  /** The user's own variables; the platform's are added by the environment. */
  readonly environment: Readonly<Record<string, string>>
  /** SHA-256 of the zip archive, lower-case hexadecimal. */
  readonly codeSha256: string
  /** The same of its layers, in the order in which they are laid over each other at /opt. */
  readonly layerSha256s: readonly string[]
  /** What starts its runtime, with all of its variables: `execWrapperOf`. */
  readonly execWrapper: string | null
}

/** What of an environment's sandbox is settled before it is known whose code it will run. */
export type SandboxShape = Pick<
  EnvironmentSpec,
  'runtime' | 'memoryMiB' | 'ephemeralStorageMiB' | 'networkAccess' | 'layerSha256s' | 'execWrapper'
>

/** A line that came out of an environment, in the order in which it was read. */
export interface LogLine {
  readonly timestampMs: number
  readonly source: LogSourceName
  /** Without the line's end; may hold line breaks when the runtime's logger wrote them as one record. */
  readonly message: string
  /** Null for what is written while the environment starts, and for INIT_START. */
  readonly requestId: string | null
}

/**
 * Takes the lines of an environment. When it returns a promise the environment stops reading its function's output
 * until the promise resolves: a function that floods its log waits, the service's memory does not grow.
 */
export type LogSink = (line: LogLine) => undefined | Promise<void>

/** Takes a response while the function still makes it. */
export interface ResponseSink {
  /** Called once, before the first bytes and where there are none: the outcome's payload has nothing of the response. */
  begin(): void
  /**
   * Takes bytes at once; nothing where it wants more, else a promise that resolves when it does. Must not throw, nor the
   * promise reject: who cannot use them any more drops them.
   */
  write(bytes: Buffer): undefined | Promise<void>
}

/** One event for a function. */
export interface EnvironmentRequest {
  readonly requestId: string
  /** JSON text, handed on byte for byte. */
  readonly payload: string
  /** ARN as it was invoked: with the alias or version that was asked for. */
  readonly invokedFunctionArn: string
  /** JSON text of the client context, or null. */
  readonly clientContext: string | null
  /** Value of `_X_AMZN_TRACE_ID`. */
  readonly traceId: string
  /** What its duration is rounded up to where it is billed: extensions are told. */
  readonly billingStepMs: number
  /** Where a response goes that comes in pieces; without one it is collected. */
  readonly responseSink?: ResponseSink | null
}

/** Why a function failed. Each has AWS's error object in the result's payload. */
export type FailureKind =
  /** The handler threw, rejected, or called back with an error. */
  | 'HANDLER_ERROR'
  /** The code could not be loaded: a syntax error, a missing module or handler, an exception at the top level. */
  | 'INIT_ERROR'
  /** The time ran out: "Task timed out after 3.00 seconds". */
  | 'TIMEOUT'
  /** The process ended: exit code, signal, out of memory. */
  | 'CRASH'
  /** The result cannot be written as JSON. */
  | 'UNSERIALISABLE_RESULT'
  /** The result is larger than 6 MiB + 100 bytes, or a stream than 200 MiB. */
  | 'RESPONSE_TOO_LARGE'

/** What the function made of an event. The function's fault is data here, never an exception. */
export type EnvironmentOutcome =
  | {
      readonly kind: 'SUCCEEDED'
      readonly payload: string
      /** How much of the response the request's sink has been given; the payload is `null` then. */
      readonly streamedBytes?: number
    }
  | { readonly kind: 'FAILED'; readonly failure: FailureKind; readonly payload: string }

/** An outcome with what was measured of it. */
export interface EnvironmentResult {
  readonly outcome: EnvironmentOutcome
  /** When the handler was given the event. */
  readonly startedAtMs: number
  /** How long the handler ran (the timeout, when it ran out), in microseconds. */
  readonly durationUs: number
  /** How long starting the environment took, in microseconds; null on a warm start. */
  readonly initDurationUs: number | null
  /** The most memory the environment has used so far, in MiB. */
  readonly maxMemoryMiB: number
}

/**
 * Why an environment was started: `on-demand` for an invocation that found none, `provisioned-concurrency` ahead of all.
 * The values of AWS_LAMBDA_INITIALIZATION_TYPE (recorded fact 101).
 */
export type InitializationType = 'on-demand' | 'provisioned-concurrency'

/** A reserved environment: one caller, one event. Disposing gives it back to the pool, or ends it where it failed. */
export interface ReservedEnvironment extends AsyncDisposable {
  /** `2026/11/23/[$LATEST]<32 hexadecimal digits>`. */
  readonly logStreamName: string
  /** True when it was started for this reservation. */
  readonly isColdStart: boolean
  /** True when it is one of those that are kept started ahead; it is no cold start then, and no init is reported. */
  readonly isProvisioned: boolean
  /**
   * Runs one event. Lines that the function writes during it reach `onLog` before this resolves.
   * Throws a PlatformFault when the platform, not the function, failed.
   */
  invoke(request: EnvironmentRequest, onLog: LogSink): Promise<EnvironmentResult>
}

/** Environments of a version that are to be started ahead and kept. */
export interface ProvisionedDemand {
  readonly spec: EnvironmentSpec
  readonly count: number
  /** A start that failed is tried anew at once when this is another one: somebody asked again. */
  readonly generation: string
}

/** What there is of a demand. */
export interface ProvisionedCount {
  /** Environments whose code is loaded, idle or busy. */
  readonly available: number
  /** Whether the latest start failed by the function's fault. */
  readonly hasFailed: boolean
}

/** Takes the lines of environments that nobody has reserved. */
export type UnreservedLog = (spec: EnvironmentSpec, line: LogLine, logStreamName: string) => undefined | Promise<void>

/** How an environment is waited for. */
export interface ReserveOptions {
  /** For how long, in milliseconds. */
  readonly waitMs: number
  /** It takes none that is warm. */
  readonly isColdStartForced?: boolean
  /**
   * It can do with one that is busy, when that is given back: as long as the machine has no processor to spare none is
   * started for it, unless the version has none at all, or none has come back for a second.
   */
  readonly isPatient?: boolean
}

/** The execution environments of this node. */
export interface EnvironmentPool {
  /**
   * Takes a warm environment of the version, one started ahead before others, or starts one. Waits while the machine's
   * memory budget is spent, at most `waitMs`, then throws a ThrottleFault with ENVIRONMENT_CAPACITY_EXCEEDED. An init
   * error of the function is not thrown: it is the outcome of `invoke`.
   * Lines of the start itself (INIT_START, what the code prints while it loads) go to `onInitLog`.
   */
  reserve(
    spec: EnvironmentSpec,
    onInitLog: (line: LogLine, logStreamName: string) => undefined | Promise<void>,
    options: ReserveOptions,
  ): Promise<ReservedEnvironment>
  /** Says that functions of this kind are there: an environment for one of them is started ahead. */
  expect(shape: SandboxShape): void
  /**
   * Keeps, from now on, just these environments started ahead: missing ones are started behind those that invocations
   * wait for, as memory allows; one that ends is replaced; those that are too many end, busy ones after their event.
   * They do not expire and are not ended to make room. One that cannot be started is tried again after a minute.
   * `onChange` is called after each change of `provisioned()`.
   */
  keepProvisioned(demands: readonly ProvisionedDemand[], onInitLog: UnreservedLog, onChange: () => void): void
  /** What there is of each demand, by the key of its spec. */
  provisioned(): ReadonlyMap<string, ProvisionedCount>
  /** The keys of what there is, is being started or is to be kept started ahead, by function id. */
  held(): ReadonlyMap<string, ReadonlySet<string>>
  /** Ends the idle environments of a function's old revisions; those that run end after their event. */
  retire(functionId: string, keepKeys: ReadonlySet<string>): void
  /** How many environments run, idle or busy, and how much memory they are granted. */
  stats(): { readonly busy: number; readonly idle: number; readonly grantedMiB: number }
  /** How many sandboxes wait for whoever needs them first, and how much memory they are granted, in what is left. */
  prestarted(): { readonly count: number; readonly memoryMiB: number }
  /** Ends all environments; those that are busy are killed. After this, `reserve` throws. */
  stop(): Promise<void>
}

/** Where the pool gets code from: the path of the unpacked folder of a zip archive, read-only for functions. */
export interface CodeStore {
  /** Unpacks on first use. The folder stays until the service stops. Throws a PlatformFault where the code is lost. */
  folderOf(codeSha256: string): Promise<string>
  /**
   * A folder in which these archives are laid over each other in their order, made once for each list of them; null
   * where there are none. It stays, and is lost, as those of `folderOf` are.
   */
  layersFolderOf(layerSha256s: readonly string[]): Promise<string | null>
  /** Makes an empty folder that code is laid into when it is known whose. */
  makeSlot(): Promise<CodeSlot>
}

/** A folder that a sandbox sees as that of its code, before there is any. */
export interface CodeSlot {
  readonly folder: string
  /**
   * Lays the files of an archive into it, once, as they are in `folderOf`. False, with nothing done, where there are so
   * many that a new sandbox starts sooner. Throws a PlatformFault where the code is lost.
   */
  fill(codeSha256: string): Promise<boolean>
  /** Removes it. Call when nothing runs in it any more. */
  remove(): Promise<void>
}
