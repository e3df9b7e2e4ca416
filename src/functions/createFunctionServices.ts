import type { Pool } from 'pg'
import type { PrismaClient } from '../db/prismaClient.ts'
import type { Clock } from '../model/clock.ts'
import type { Scope } from '../model/records.ts'
import type { RuntimeIdentifier } from '../model/runtime.ts'
import { readAccountSettings } from './accountSettings.ts'
import { createAlias, deleteAlias, updateAlias } from './aliases.ts'
import { lastShifts, startAliasShift, stopAliasShift } from './aliasShifts.ts'
import { createCodeIntake } from './codePackage/codeIntake.ts'
import type { VersionResolver } from './contract.ts'
import { createFunction } from './createFunction.ts'
import { deleteFunction } from './deleteFunction.ts'
import {
  deleteFunctionEventInvokeConfig,
  functionEventInvokeConfig,
  functionEventInvokeConfigs,
  putFunctionEventInvokeConfig,
  updateFunctionEventInvokeConfig,
} from './eventInvokeConfig.ts'
import { deleteFunctionConcurrency, putFunctionConcurrency } from './functionConcurrency.ts'
import { createFunctionReads } from './functionReads.ts'
import type { FunctionRoom } from './functionRoom.ts'
import { deleteLayerVersion } from './layers/deleteLayerVersion.ts'
import { createLayerReads } from './layers/layerReads.ts'
import { publishLayerVersion } from './layers/publishLayerVersion.ts'
import { deleteProvisionedConcurrencyConfig, putProvisionedConcurrencyConfig } from './provisionedConcurrency.ts'
import { createProvisionedReads } from './provisionedReads.ts'
import { publishVersion } from './publishVersion.ts'
import { putFunctionRecursionConfig } from './recursionConfig.ts'
import { createRuntimePreparation } from './runtimePreparation.ts'
import type { FunctionServices } from './services.ts'
import { tagFunction, untagFunction } from './tagFunction.ts'
import { updateFunctionCode } from './updateFunctionCode.ts'
import { updateFunctionConfiguration } from './updateFunctionConfiguration.ts'
import { createVersionResolver } from './versionResolver.ts'
import { type VersionInUse, versionsInUse } from './versionsInUse.ts'

/** What the control plane needs. */
export interface FunctionServicesOptions {
  readonly prisma: PrismaClient
  readonly pool: Pool
  readonly clock: Clock
  /** Absolute path of the service's data folder; uploads go through its folder `uploads`. */
  readonly dataFolder: string
  /** Fetches a runtime unless it is there; rejects with an Error whose message says why it cannot be had. */
  readonly ensureRuntime: (runtime: RuntimeIdentifier) => Promise<void>
  /** Told after each change which environments of a function may go on: those pooled by these keys. */
  readonly onRevisionsChanged: (functionId: string, keepKeys: ReadonlySet<string>) => void
  /** Told after each change of a function what its `$LATEST` will need when it is invoked, and at the start of some. */
  readonly onVersionInUse: (version: VersionInUse) => void
  /** Told after each change of what functions of an account and region have reserved. */
  readonly onConcurrencyChanged: (scope: Scope) => Promise<void>
  /** Told of faults of the platform that no caller waits for. */
  readonly reportFault: (fault: unknown) => void
}

/** The control plane. */
export interface FunctionControl {
  readonly services: FunctionServices
  readonly resolver: VersionResolver
  /** Clears up after a process that was killed and takes up what was PENDING. Call once, before the first request. */
  start(): Promise<void>
}

/** Composes the control plane. Nothing happens before `start`. */
export function createFunctionServices(options: FunctionServicesOptions): FunctionControl {
  const { prisma, pool } = options
  const intake = createCodeIntake(options)
  const preparation = createRuntimePreparation(options)
  const room: FunctionRoom = { ...options, intake, preparation }
  return {
    services: {
      ...createFunctionReads({ prisma, pool }),
      ...createProvisionedReads({ prisma, pool }),
      ...createLayerReads({ pool }),
      createFunction: (scope, request) => createFunction(room, scope, request),
      updateFunctionCode: (scope, request) => updateFunctionCode(room, scope, request),
      updateFunctionConfiguration: (scope, request) => updateFunctionConfiguration(room, scope, request),
      deleteFunction: (scope, request) => deleteFunction(room, scope, request),
      tagFunction: (scope, request) => tagFunction(room, scope, request),
      untagFunction: (scope, request) => untagFunction(room, scope, request),
      putFunctionConcurrency: (scope, request) => putFunctionConcurrency(room, scope, request),
      deleteFunctionConcurrency: (scope, request) => deleteFunctionConcurrency(room, scope, request),
      putProvisionedConcurrencyConfig: (scope, request) => putProvisionedConcurrencyConfig(room, scope, request),
      deleteProvisionedConcurrencyConfig: (scope, request) => deleteProvisionedConcurrencyConfig(room, scope, request),
      putFunctionEventInvokeConfig: (scope, request) => putFunctionEventInvokeConfig(room, scope, request),
      deleteFunctionEventInvokeConfig: (scope, request) => deleteFunctionEventInvokeConfig(room, scope, request),
      functionEventInvokeConfig: (scope, request) => functionEventInvokeConfig(room, scope, request),
      updateFunctionEventInvokeConfig: (scope, request) => updateFunctionEventInvokeConfig(room, scope, request),
      functionEventInvokeConfigs: (scope, name, page) => functionEventInvokeConfigs(room, scope, name, page),
      putFunctionRecursionConfig: (scope, request) => putFunctionRecursionConfig(room, scope, request),
      accountSettings: (scope) => readAccountSettings(pool, scope),
      publishVersion: (scope, request) => publishVersion(room, scope, request),
      createAlias: (scope, request) => createAlias(room, scope, request),
      updateAlias: (scope, request) => updateAlias(room, scope, request),
      startAliasShift: (scope, request) => startAliasShift(room, scope, request),
      stopAliasShift: (scope, request) => stopAliasShift(room, scope, request),
      lastShifts: (scope, aliases) => lastShifts(prisma, scope, aliases),
      deleteAlias: (scope, request) => deleteAlias(room, scope, request),
      publishLayerVersion: (scope, request) => publishLayerVersion(room, scope, request),
      deleteLayerVersion: (scope, request) => deleteLayerVersion(room, scope, request),
      uploadCodePackage: (scope, archive) => intake.upload(scope, archive),
    },
    resolver: createVersionResolver({ pool, preparation }),
    async start() {
      await intake.open()
      await preparation.resume()
      // The last one is the one that is kept longest.
      for (const version of (await versionsInUse(prisma)).reverse()) options.onVersionInUse(version)
    },
  }
}
