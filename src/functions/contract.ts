import type { EnvironmentSpec } from '../environments/contract.ts'
import type { RecursiveLoop } from '../model/lineage.ts'
import type { Scope } from '../model/records.ts'

/** A version that an invocation will run, with all that is needed to run it. */
export interface ResolvedVersion {
  readonly spec: EnvironmentSpec
  /** ARN as it was asked for: with the qualifier, when one was given. */
  readonly invokedFunctionArn: string
  /** The qualifier as it was asked for; null when none was given. */
  readonly qualifier: string | null
  /** ARN of the queue or topic that takes events whose retries are used up, or null. */
  readonly deadLetterTargetArn: string | null
  /** What happens to a chain of invocations that comes back to the function too often. */
  readonly recursiveLoop: RecursiveLoop
}

/** Finds what an invocation will run. */
export interface VersionResolver {
  /**
   * Finds the function by name, partial ARN or ARN, the version by qualifier, and for a weighted alias one of its two
   * versions by `random` in [0, 1). Waits while the version is PENDING. Throws a UserFault with AWS's words (section C
   * and facts 58, 72, 77): RESOURCE_NOT_FOUND, INVALID_PARAMETER_VALUE, VALIDATION, ACCESS_DENIED, RESOURCE_CONFLICT.
   */
  resolve(scope: Scope, functionReference: string, qualifier: string | null, random: number): Promise<ResolvedVersion>
  /**
   * The same for a queued invocation: by the function's id, and by the version that its first attempt chose (null
   * before it). Null where the function or version no longer exists.
   */
  resolveQueued(
    functionId: string,
    qualifier: string | null,
    pinnedNumber: number | null,
    random: number,
  ): Promise<ResolvedVersion | null>
}
