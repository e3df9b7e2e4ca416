import type { VersionWeight } from '../model/aliasRules.ts'
import type { NamedValue } from '../model/configurationRules.ts'
import type { LayerVersionRequest } from '../model/layerRules.ts'
import type { RecursiveLoop } from '../model/lineage.ts'
import type { ArchitectureName, NetworkAccess } from '../model/records.ts'
import type { RuntimeIdentifier } from '../model/runtime.ts'

/** A text file of a function, by its path in the function's folder. */
export interface CodeFile {
  readonly path: string
  readonly content: string
}

/** The code of a function, in one of three forms. */
export type CodeSource =
  | { readonly kind: 'ZIP'; readonly base64: string }
  /** The id of the package's row, of the caller's own account. */
  | { readonly kind: 'PACKAGE'; readonly codePackageId: string }
  | { readonly kind: 'FILES'; readonly files: readonly CodeFile[] }

/** What a new function is made of. `functionName` here and below is a name, partial ARN or ARN. */
export interface CreateFunctionRequest {
  readonly functionName: string
  readonly runtime: RuntimeIdentifier
  readonly handler: string
  readonly code: CodeSource
  readonly description: string
  readonly memoryMiB: number
  readonly timeoutSeconds: number
  readonly ephemeralStorageMiB: number
  readonly networkAccess: NetworkAccess
  readonly environment: readonly NamedValue[]
  readonly architectures: readonly ArchitectureName[]
  /** Empty: none. */
  readonly deadLetterTargetArn: string
  /** ARNs of layer versions. */
  readonly layers: readonly string[]
  readonly tags: readonly NamedValue[]
  readonly publish: boolean
}

/** New code; what is undefined or null is left as it is or not asked for. */
export interface UpdateFunctionCodeRequest {
  readonly functionName: string
  readonly code: CodeSource
  readonly architectures: readonly ArchitectureName[] | null
  readonly publish: boolean
  readonly dryRun: boolean
  readonly revisionId: string | null
}

/** New configuration; what is undefined stays as it is. */
export interface UpdateFunctionConfigurationRequest {
  readonly functionName: string
  readonly runtime: RuntimeIdentifier | undefined
  readonly handler: string | undefined
  readonly description: string | undefined
  readonly memoryMiB: number | undefined
  readonly timeoutSeconds: number | undefined
  readonly ephemeralStorageMiB: number | undefined
  readonly networkAccess: NetworkAccess | undefined
  readonly environment: readonly NamedValue[] | undefined
  /** Empty: none. */
  readonly deadLetterTargetArn: string | undefined
  /** ARNs of layer versions; empty: none. */
  readonly layers: readonly string[] | undefined
  readonly revisionId: string | null
}

/** A new layer version. `layerName` here and below is a name or ARN. */
export interface PublishLayerVersionRequest extends LayerVersionRequest {
  readonly layerName: string
  readonly content: CodeSource
}

/** Which layer version to delete. */
export interface DeleteLayerVersionRequest {
  readonly layerName: string
  readonly versionNumber: number
}

/** Which layers to list; null: whatever they are compatible with. */
export interface LayerFilter {
  readonly compatibleRuntime: RuntimeIdentifier | null
  readonly compatibleArchitecture: ArchitectureName | null
}

/** Which function, or which version of it, to delete. */
export interface DeleteFunctionRequest {
  readonly functionName: string
  readonly qualifier: string | null
}

/** Which function gets which labels. */
export interface TagFunctionRequest {
  readonly functionName: string
  readonly tags: readonly NamedValue[]
}

/** Which function loses which labels. */
export interface UntagFunctionRequest {
  readonly functionName: string
  readonly tagKeys: readonly string[]
}

/** What to publish; null is that of the function, or no condition. */
export interface PublishVersionRequest {
  readonly functionName: string
  readonly description: string | null
  /** Base64, as AWS writes it. */
  readonly codeSha256: string | null
  readonly revisionId: string | null
}

/** What a new alias points to. */
export interface CreateAliasRequest {
  readonly functionName: string
  readonly name: string
  readonly functionVersion: string
  readonly description: string
  readonly weights: readonly VersionWeight[]
}

/** What an alias shall point to; what is undefined stays as it is. */
export interface UpdateAliasRequest {
  readonly functionName: string
  readonly name: string
  readonly functionVersion: string | undefined
  readonly description: string | undefined
  readonly weights: readonly VersionWeight[] | undefined
  readonly revisionId: string | null
}

/** Which alias to delete. */
export interface DeleteAliasRequest {
  readonly functionName: string
  readonly name: string
}

/** How much concurrency to reserve. */
export interface PutFunctionConcurrencyRequest {
  readonly functionName: string
  readonly reservedConcurrentExecutions: number
}

/** Which function shall share the account's concurrency again. */
export interface DeleteFunctionConcurrencyRequest {
  readonly functionName: string
}

/** How many environments of which version or alias to keep started ahead. */
export interface PutProvisionedConcurrencyConfigRequest {
  readonly functionName: string
  readonly qualifier: string
  readonly provisionedConcurrentExecutions: number
}

/** Which version or alias shall have no environments started ahead any more. */
export interface DeleteProvisionedConcurrencyConfigRequest {
  readonly functionName: string
  readonly qualifier: string
}

/** Whose event invoke config: that of `$LATEST` where no qualifier is given. */
export interface FunctionEventInvokeConfigRequest {
  readonly functionName: string
  readonly qualifier?: string | null | undefined
}

/** The GraphQL input `PutFunctionEventInvokeConfigInput`. */
export interface PutFunctionEventInvokeConfigRequest extends FunctionEventInvokeConfigRequest {
  readonly maximumRetryAttempts?: number | null | undefined
  readonly maximumEventAgeInSeconds?: number | null | undefined
  /** ARN; empty: none. */
  readonly onSuccess?: string | null | undefined
  /** ARN; empty: none. */
  readonly onFailure?: string | null | undefined
}

/** The GraphQL input `PutFunctionRecursionConfigInput`. */
export interface PutFunctionRecursionConfigRequest {
  readonly functionName: string
  readonly recursiveLoop: RecursiveLoop
}
