import type { UsedLayer } from './layer.ts'
import type { RecursiveLoop } from './lineage.ts'
import type { DoneCondition } from './queueTransition.ts'
import type { RuntimeIdentifier } from './runtime.ts'

/** Where an object lives: every name, limit and bill is per account and region. */
export interface Scope {
  readonly accountId: string
  readonly region: string
}

/** Whether a version can be invoked; the names of the GraphQL enum `FunctionState`. */
export type FunctionState = 'PENDING' | 'ACTIVE' | 'FAILED'

/** The names of the GraphQL enum `Architecture`. */
export type ArchitectureName = 'X86_64' | 'ARM64'

/** What a function reaches besides itself: the world outside, or nothing; the names of the GraphQL enum `NetworkAccess`. */
export type NetworkAccess = 'INTERNET' | 'NONE'

/** What can be configured of a function: a row of `function_version`. Number 0 is `$LATEST`. */
export interface VersionRecord {
  readonly id: string
  readonly functionId: string
  readonly number: number
  readonly description: string
  readonly runtime: RuntimeIdentifier
  readonly handler: string
  readonly memoryMiB: number
  readonly timeoutSeconds: number
  readonly ephemeralStorageMiB: number
  readonly networkAccess: NetworkAccess
  readonly environment: Readonly<Record<string, string>>
  readonly architecture: ArchitectureName
  /** SHA-256 of the zip archive, lower-case hexadecimal. */
  readonly codeSha256: string
  readonly codeSizeBytes: number
  /** Its layers in the order in which they are laid over each other. */
  readonly layers: readonly UsedLayer[]
  readonly revisionId: string
  readonly state: FunctionState
  readonly stateReason: string | null
  readonly lastModified: Date
  /** ARN of the queue or topic that takes events whose retries are used up, or null. */
  readonly deadLetterTargetArn: string | null
  /** The function it belongs to: enough for its ARN. */
  readonly scope: Scope
  readonly functionName: string
}

/** A function with its `$LATEST`. */
export interface FunctionRecord {
  readonly id: string
  readonly scope: Scope
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  /** Concurrent executions that are guaranteed to it and cap it; null where none are reserved. */
  readonly reservedConcurrency: number | null
  /** What happens to a chain of invocations that comes back to it too often. */
  readonly recursiveLoop: RecursiveLoop
  readonly createdAt: Date
  readonly latest: VersionRecord
}

/** An alias. Either both additional fields are null or none. */
export interface AliasRecord {
  readonly id: string
  readonly functionId: string
  readonly scope: Scope
  readonly functionName: string
  readonly name: string
  readonly versionNumber: number
  readonly additionalNumber: number | null
  readonly additionalWeight: number | null
  readonly description: string
  readonly revisionId: string
}

/** The names of the GraphQL enum `AccessTokenRole`. */
export type AccessTokenRoleName = 'ADMIN' | 'INVOKER' | 'OPERATOR'

/** Who makes a request, proven by a token. */
export interface Principal extends Scope {
  readonly tokenId: string
  readonly role: AccessTokenRoleName
}

/** An account. */
export interface AccountRecord {
  readonly accountId: string
  readonly name: string
  readonly createdAt: Date
}

/** An access token without its secret. */
export interface AccessTokenRecord {
  readonly id: string
  readonly accountId: string
  readonly name: string
  readonly role: AccessTokenRoleName
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
}

/** One page of a connection: at most `first` items, in the order of the connection. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly hasNextPage: boolean
}

/** Which page: how many items, and behind which key (null: from the beginning). */
export interface PageRequest<Key> {
  readonly first: number
  readonly after: Key | null
}

/** The names of the GraphQL enum `InvocationType`. */
export type InvocationTypeName = 'REQUEST_RESPONSE' | 'EVENT' | 'DRY_RUN'

/** The names of the GraphQL enum `InvocationStatus`. */
export type InvocationStatusName = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'

/** What caused an invocation; the names of the GraphQL enum `InvocationSource`. */
export type InvocationSourceName = 'API' | 'DESTINATION' | 'REDRIVE'

/** A row of `delivery`. */
export interface DeliveryRecord {
  readonly id: string
  readonly invocationId: string
  readonly purpose: 'ON_SUCCESS' | 'ON_FAILURE' | 'DEAD_LETTER'
  readonly targetArn: string
  readonly status: 'PENDING' | 'DELIVERED' | 'FAILED'
  readonly tries: number
  readonly lastError: string | null
  readonly createdAt: Date
  /** Null where it is not pending. */
  readonly dueAt: Date | null
  readonly endedAt: Date | null
}

/** The names of the GraphQL enum `AttemptOutcome`. */
export type AttemptOutcomeName = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'LOST'

/** A row of `invocation`. */
export interface InvocationRecord {
  /** The request id, a UUIDv7. */
  readonly id: string
  readonly scope: Scope
  readonly functionId: string
  readonly functionName: string
  readonly type: InvocationTypeName
  readonly qualifier: string | null
  readonly executedVersion: number | null
  readonly status: InvocationStatusName
  readonly createdAt: Date
  readonly finishedAt: Date | null
  /** JSON text; null for synchronous invocations. */
  readonly payload: string | null
  /** JSON text; null for synchronous invocations and before the first attempt ended. */
  readonly result: string | null
  readonly functionError: string | null
  readonly source: InvocationSourceName
  /** Why it ended; null for synchronous ones and before the end. */
  readonly condition: DoneCondition | null
  /** Request id of the invocation that it sends again, or null. */
  readonly redriveOf: string | null
  /** Request id of the invocation that sent it again, or null. */
  readonly redrivenAs: string | null
}

/** A row of `attempt`. */
export interface AttemptRecord {
  readonly invocationId: string
  readonly number: number
  readonly outcome: AttemptOutcomeName
  readonly versionNumber: number
  readonly isColdStart: boolean
  /** Whether its environment was one of provisioned concurrency. */
  readonly isProvisioned: boolean
  readonly logStreamName: string
  readonly startedAt: Date
  readonly durationUs: number | null
  readonly initDurationUs: number | null
  readonly billedMs: number | null
  readonly maxMemoryMiB: number | null
  readonly functionError: string | null
  /** Request and duration price of its ledger entry; null until it is billed. */
  readonly priceNanoUsd: bigint | null
}

/** The names of the GraphQL enum `LogSource`. */
export type LogSourceName = 'PLATFORM' | 'STDOUT' | 'STDERR'
