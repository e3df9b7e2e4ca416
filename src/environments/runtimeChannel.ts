import type { EnvironmentRequest, EnvironmentSpec, FailureKind } from './contract.ts'
import type { SandboxEnd } from './drivers/contract.ts'

/** What a runtime is told once, before its first event. */
export interface RuntimeSetup {
  /** Null where the variable _HANDLER says it: that of whoever has started the runtime. */
  readonly handler: string | null
  /** Folder of the code, as the runtime sees it. */
  readonly taskRoot: string
  /** Folder of the layers, as the runtime sees it. */
  readonly layersRoot: string
  /** Variables that the runtime adds to its own. */
  readonly environment: EnvironmentSpec['environment']
  /** Variables that what starts the runtime waits for; null where nothing does. */
  readonly wrapperEnvironment: EnvironmentSpec['environment'] | null
  /** What every event's context says. */
  readonly statics: {
    readonly functionName: string
    readonly functionVersion: string
    readonly memoryLimitInMB: string
    readonly logGroupName: string
    readonly logStreamName: string
  }
}

/** What a runtime makes of an event. */
export type EventAnswer =
  | {
      readonly kind: 'RESULT'
      readonly payload: string
      /** How much of the response the request's sink has been given, where it has begun to be. */
      readonly streamedBytes?: number
      /** The runtime ends right after it: it has not come back in time. */
      readonly isLast?: boolean
    }
  | {
      readonly kind: 'ERROR'
      readonly failure: FailureKind
      readonly payload: string
      /** The runtime ends right after it: an error that nobody caught. */
      readonly isLast: boolean
    }

/** What came of a wait for a runtime. */
export type RuntimeAnswer =
  | { readonly kind: 'READY' }
  | { readonly kind: 'INIT_ERROR'; readonly payload: string }
  | EventAnswer
  | { readonly kind: 'ENDED'; readonly end: SandboxEnd }
  | { readonly kind: 'TIMED_OUT' }
  /** An extension could not begin, or has ended. */
  | { readonly kind: 'EXTENSION_FAILED'; readonly errorType: string; readonly reason: string }
  /** The code package has no bootstrap that could be started, for this reason. */
  | { readonly kind: 'NO_ENTRYPOINT'; readonly reason: string }
  /** Something that no runtime of ours would say: the function wrote to the descriptors of its runtime. */
  | { readonly kind: 'VIOLATION' }

/**
 * How the service talks to the runtime in a sandbox: one question at a time. Records that came before an answer have
 * been taken when the answer resolves; what the function printed before has been written by then, if not read. Never rejects: whatever goes wrong in a sandbox is an answer.
 */
export interface RuntimeChannel {
  /** Has the function's code loaded. */
  load(setup: RuntimeSetup, limitMs: number): Promise<RuntimeAnswer>
  /** Has one event handled. */
  handle(request: EnvironmentRequest, deadlineMs: number, limitMs: number): Promise<RuntimeAnswer>
}
