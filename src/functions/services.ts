import type { Readable } from 'node:stream'
import type { AliasShiftRecord } from '../model/aliasShift.ts'
import type { EventInvokeConfigRecord } from '../model/eventInvokeConfig.ts'
import type { LayerRecord, LayerVersionRecord } from '../model/layer.ts'
import type { ProvisionedConfigRecord } from '../model/provisionedConcurrency.ts'
import type { AliasRecord, FunctionRecord, Page, PageRequest, Scope, VersionRecord } from '../model/records.ts'
import type { AccountSettingsRecord } from './accountSettings.ts'
import type { StartAliasShiftRequest, StopAliasShiftRequest } from './aliasShifts.ts'
import type {
  CreateAliasRequest,
  CreateFunctionRequest,
  DeleteAliasRequest,
  DeleteFunctionConcurrencyRequest,
  DeleteFunctionRequest,
  DeleteLayerVersionRequest,
  DeleteProvisionedConcurrencyConfigRequest,
  FunctionEventInvokeConfigRequest,
  LayerFilter,
  PublishLayerVersionRequest,
  PublishVersionRequest,
  PutFunctionConcurrencyRequest,
  PutFunctionEventInvokeConfigRequest,
  PutFunctionRecursionConfigRequest,
  PutProvisionedConcurrencyConfigRequest,
  TagFunctionRequest,
  UntagFunctionRequest,
  UpdateAliasRequest,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from './requests.ts'

/** A function after a change, with the version that was published from it, if one was asked for. */
export interface FunctionChange {
  readonly function: FunctionRecord
  readonly version: VersionRecord | null
}

/** A stored archive that its account may make functions from. */
export interface UploadedCodePackage {
  /** Id of the row; callers see it as an opaque id of type `CodePackage`. */
  readonly codePackageId: string
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly sizeBytes: number
}

/** A version by its function and number; 0 is `$LATEST`. */
export interface VersionKey {
  readonly functionId: string
  readonly number: number
}

/** An alias by its function and name. */
export interface AliasKey {
  readonly functionId: string
  readonly name: string
}

/** A layer version by its layer and number. */
export interface LayerVersionKey {
  readonly layerId: string
  readonly number: number
}

/** A provisioned concurrency config by its function and its version's number or alias's name. */
export interface ProvisionedConfigKey {
  readonly functionId: string
  readonly qualifier: string
}

/**
 * Functions, versions, aliases and code packages of one account and region at a time: what belongs to another scope
 * does not exist here. Everything that changes something is one transaction, throws a UserFault with AWS's words when
 * the caller is to blame, and has then changed nothing.
 */
export interface FunctionServices {
  /** RESOURCE_CONFLICT when the name is taken. The function is PENDING while its runtime is fetched. */
  createFunction(scope: Scope, request: CreateFunctionRequest): Promise<FunctionChange>
  /** PRECONDITION_FAILED when the revision is not the latest: of two changes with the same one exactly one is made. */
  updateFunctionCode(scope: Scope, request: UpdateFunctionCodeRequest): Promise<FunctionChange>
  /** PRECONDITION_FAILED when the revision is not the latest. */
  updateFunctionConfiguration(scope: Scope, request: UpdateFunctionConfigurationRequest): Promise<FunctionRecord>
  /** The ARN of what is gone. A missing version is no fault, a version that an alias points to is a RESOURCE_CONFLICT. */
  deleteFunction(scope: Scope, request: DeleteFunctionRequest): Promise<{ readonly deletedFunctionArn: string }>
  tagFunction(scope: Scope, request: TagFunctionRequest): Promise<FunctionRecord>
  /** Keys that the function does not have are no fault. */
  untagFunction(scope: Scope, request: UntagFunctionRequest): Promise<FunctionRecord>
  /**
   * INVALID_PARAMETER_VALUE when it would leave less than 100 of the account's concurrency unreserved, or is less than
   * the function's provisioned concurrency.
   */
  putFunctionConcurrency(scope: Scope, request: PutFunctionConcurrencyRequest): Promise<FunctionRecord>
  /** A function without a reservation is no fault. */
  deleteFunctionConcurrency(scope: Scope, request: DeleteFunctionConcurrencyRequest): Promise<FunctionRecord>
  /**
   * The config is IN_PROGRESS; nodes start what is missing as soon as it is committed. INVALID_PARAMETER_VALUE for
   * `$LATEST` and where reserved or unreserved concurrency does not suffice, RESOURCE_CONFLICT where an alias and its
   * version would both be provisioned.
   */
  putProvisionedConcurrencyConfig(
    scope: Scope,
    request: PutProvisionedConcurrencyConfigRequest,
  ): Promise<ProvisionedConfigRecord>
  /** The ARN of the version or alias, whether or not it had a config. */
  deleteProvisionedConcurrencyConfig(
    scope: Scope,
    request: DeleteProvisionedConcurrencyConfigRequest,
  ): Promise<{ readonly functionArn: string }>
  /** Overwrites the whole config. RESOURCE_NOT_FOUND where the function, version or alias is missing. */
  putFunctionEventInvokeConfig(
    scope: Scope,
    request: PutFunctionEventInvokeConfigRequest,
  ): Promise<EventInvokeConfigRecord>
  /** Changes only what is given. RESOURCE_NOT_FOUND where there is no config. */
  updateFunctionEventInvokeConfig(
    scope: Scope,
    request: PutFunctionEventInvokeConfigRequest,
  ): Promise<EventInvokeConfigRecord>
  /** RESOURCE_NOT_FOUND where there is no config. */
  deleteFunctionEventInvokeConfig(
    scope: Scope,
    request: FunctionEventInvokeConfigRequest,
  ): Promise<{ readonly functionArn: string }>
  /** Null where there is none. */
  functionEventInvokeConfig(
    scope: Scope,
    request: FunctionEventInvokeConfigRequest,
  ): Promise<EventInvokeConfigRecord | null>
  /** Those of a function in the order of their qualifiers; the key of a page is the last qualifier before it. */
  functionEventInvokeConfigs(
    scope: Scope,
    functionName: string,
    page: PageRequest<string>,
  ): Promise<Page<EventInvokeConfigRecord>>
  /** Says what happens to chains of invocations that come back to the function. */
  putFunctionRecursionConfig(scope: Scope, request: PutFunctionRecursionConfigRequest): Promise<FunctionRecord>
  accountSettings(scope: Scope): Promise<AccountSettingsRecord>
  /** Null when there is none. Throws for a reference that cannot be read or is not of this scope. */
  getFunction(scope: Scope, reference: string): Promise<FunctionRecord | null>
  /** In the order of names; the key of a page is the last name before it. */
  listFunctions(scope: Scope, page: PageRequest<string>): Promise<Page<FunctionRecord>>

  /** The new version, or the existing one when code and configuration have not changed since it. */
  publishVersion(scope: Scope, request: PublishVersionRequest): Promise<VersionRecord>

  createAlias(scope: Scope, request: CreateAliasRequest): Promise<AliasRecord>
  updateAlias(scope: Scope, request: UpdateAliasRequest): Promise<AliasRecord>
  /**
   * Shifts an alias to another version by steps; the first one holds at once. RESOURCE_CONFLICT while it is being
   * shifted.
   */
  startAliasShift(scope: Scope, request: StartAliasShiftRequest): Promise<AliasShiftRecord>
  /** Takes a shift back at once. RESOURCE_NOT_FOUND where the alias is not being shifted. */
  stopAliasShift(scope: Scope, request: StopAliasShiftRequest): Promise<AliasShiftRecord>
  /** The last shift of each alias that has one, by function id and name joined by a space. */
  lastShifts(
    scope: Scope,
    aliases: readonly { readonly functionId: string; readonly name: string }[],
  ): Promise<ReadonlyMap<string, AliasShiftRecord>>
  /** The ARN of the alias, whether or not there was one. */
  deleteAlias(scope: Scope, request: DeleteAliasRequest): Promise<{ readonly deletedAliasArn: string }>

  /** Stores an archive, checked as a function's code is, as the next version of a layer, which need not be there. */
  publishLayerVersion(scope: Scope, request: PublishLayerVersionRequest): Promise<LayerVersionRecord>
  /** The ARN of the version, whether or not there was one. Functions that have it keep it. */
  deleteLayerVersion(
    scope: Scope,
    request: DeleteLayerVersionRequest,
  ): Promise<{ readonly deletedLayerVersionArn: string }>
  /** By name or ARN; null where there is none, or none of this scope. */
  getLayer(scope: Scope, reference: string): Promise<LayerRecord | null>
  /** In the order of names; the key of a page is the last name before it. */
  listLayers(scope: Scope, filter: LayerFilter, page: PageRequest<string>): Promise<Page<LayerRecord>>

  // Batched reads: one statement each, however many rows are asked for. Missing ones are not in the map.
  functionsById(scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, FunctionRecord>>
  versionsById(scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, VersionRecord>>
  aliasesById(scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, AliasRecord>>
  versionsByNumber(scope: Scope, keys: readonly VersionKey[]): Promise<readonly VersionRecord[]>
  aliasesByName(scope: Scope, keys: readonly AliasKey[]): Promise<readonly AliasRecord[]>
  /** The same page of each function's published versions, newest first; the key is the last number before it. */
  versionPages(
    scope: Scope,
    functionIds: readonly string[],
    page: PageRequest<number>,
  ): Promise<ReadonlyMap<string, Page<VersionRecord>>>
  /** The same page of each function's aliases, in the order of names; the key is the last name before it. */
  aliasPages(
    scope: Scope,
    functionIds: readonly string[],
    page: PageRequest<string>,
  ): Promise<ReadonlyMap<string, Page<AliasRecord>>>
  provisionedConfigsByQualifier(
    scope: Scope,
    keys: readonly ProvisionedConfigKey[],
  ): Promise<readonly ProvisionedConfigRecord[]>
  /** The same page of each function's configs, in the order of qualifiers; the key is the last qualifier before it. */
  provisionedConfigPages(
    scope: Scope,
    functionIds: readonly string[],
    page: PageRequest<string>,
  ): Promise<ReadonlyMap<string, Page<ProvisionedConfigRecord>>>

  layerVersionsByNumber(scope: Scope, keys: readonly LayerVersionKey[]): Promise<readonly LayerVersionRecord[]>
  /** The same page of each layer's versions, newest first; the key is the last number before it. */
  layerVersionPages(
    scope: Scope,
    layerIds: readonly string[],
    page: PageRequest<number>,
  ): Promise<ReadonlyMap<string, Page<LayerVersionRecord>>>

  /**
   * Stores a zip archive of up to 250 MiB that arrives as a stream, after the same checks as one in a mutation.
   * The stream is read to its end or destroyed.
   */
  uploadCodePackage(scope: Scope, archive: Readable): Promise<UploadedCodePackage>
}
