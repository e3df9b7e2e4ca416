import { packageNotFound } from '../../functions/codePackage/codeIntake.ts'
import type {
  CodeSource,
  CreateFunctionRequest,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from '../../functions/requests.ts'
import type { VersionWeight } from '../../model/aliasRules.ts'
import type { NamedValue } from '../../model/configurationRules.ts'
import { runtimeIdentifier } from '../../model/runtime.ts'
import type {
  AliasRoutingConfigInput,
  CreateFunctionInput,
  FunctionCodeInput,
  InputMaybe,
  TagInput,
  UpdateFunctionCodeInput,
  UpdateFunctionConfigurationInput,
} from '../generated/resolvers.ts'
import { keyOf } from '../globalId.ts'

/** The request of `createFunction`. A field that is given as null takes its default, as one that is left out does. */
export function createFunctionRequest(input: CreateFunctionInput): CreateFunctionRequest {
  return {
    functionName: input.functionName,
    runtime: runtimeIdentifier(input.runtime),
    handler: input.handler,
    code: codeSource(input.code),
    description: input.description ?? '',
    memoryMiB: input.memoryMiB ?? 128,
    timeoutSeconds: input.timeoutSeconds ?? 3,
    ephemeralStorageMiB: input.ephemeralStorageMiB ?? 512,
    networkAccess: input.networkAccess ?? 'INTERNET',
    environment: input.environment ?? [],
    architectures: input.architectures ?? ['X86_64'],
    deadLetterTargetArn: input.deadLetterConfig?.targetArn ?? '',
    layers: input.layers ?? [],
    tags: namedTags(input.tags ?? []),
    publish: input.publish ?? false,
  }
}

/** The request of `updateFunctionCode`. */
export function updateFunctionCodeRequest(input: UpdateFunctionCodeInput): UpdateFunctionCodeRequest {
  return {
    functionName: input.functionName,
    code: codeSource(input.code),
    architectures: input.architectures ?? null,
    publish: input.publish ?? false,
    dryRun: input.dryRun ?? false,
    revisionId: input.revisionId ?? null,
  }
}

/** The request of `updateFunctionConfiguration`. A field that is given as null stays as it is. */
export function updateFunctionConfigurationRequest(
  input: UpdateFunctionConfigurationInput,
): UpdateFunctionConfigurationRequest {
  return {
    functionName: input.functionName,
    runtime: isGiven(input.runtime) ? runtimeIdentifier(input.runtime) : undefined,
    handler: input.handler ?? undefined,
    description: input.description ?? undefined,
    memoryMiB: input.memoryMiB ?? undefined,
    timeoutSeconds: input.timeoutSeconds ?? undefined,
    ephemeralStorageMiB: input.ephemeralStorageMiB ?? undefined,
    networkAccess: input.networkAccess ?? undefined,
    environment: input.environment ?? undefined,
    deadLetterTargetArn: input.deadLetterConfig?.targetArn ?? undefined,
    layers: input.layers ?? undefined,
    revisionId: input.revisionId ?? null,
  }
}

/** Labels as names with values. */
export function namedTags(tags: readonly TagInput[]): NamedValue[] {
  return tags.map(({ key, value }) => ({ name: key, value }))
}

/** Weights; undefined where none are given, empty where they are to be removed. */
export function versionWeights(routingConfig: InputMaybe<AliasRoutingConfigInput>): VersionWeight[] | undefined {
  return routingConfig?.additionalVersionWeights
}

/** The code of a request. Throws a UserFault for an id that is none of a code package. */
export function codeSource(code: FunctionCodeInput): CodeSource {
  // The schema's @oneOf has exactly one of them set.
  if (isGiven(code.zipFile)) return { kind: 'ZIP', base64: code.zipFile }
  if (isGiven(code.files)) return { kind: 'FILES', files: code.files }
  const codePackageId = isGiven(code.codePackageId) ? keyOf('CodePackage', code.codePackageId) : null
  if (codePackageId === null) throw packageNotFound()
  return { kind: 'PACKAGE', codePackageId }
}

function isGiven<Value>(value: InputMaybe<Value> | undefined): value is Value {
  return value !== null && value !== undefined
}
