import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeReadOnlyFolder } from '../../src/functions/codePackage/removeReadOnlyFolder.ts'
import { createFunctionServices, type FunctionControl } from '../../src/functions/createFunctionServices.ts'
import type { CreateFunctionRequest } from '../../src/functions/requests.ts'
import type { Scope } from '../../src/model/records.ts'
import type { RuntimeIdentifier } from '../../src/model/runtime.ts'
import { type DrivenClock, drivenClock } from '../kit/drivenClock.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

export const SCOPE: Scope = { accountId: '111111111111', region: 'us-east-1' }
export const STRANGER: Scope = { accountId: '222222222222', region: 'us-east-1' }
export const ARN = 'arn:aws:lambda:us-east-1:111111111111:function'

/** A control plane over a database of its own, with two accounts. */
export interface ControlPlane extends FunctionControl, AsyncDisposable {
  readonly testDatabase: TestDatabase
  readonly dataFolder: string
  readonly clock: DrivenClock
  /** What `onRevisionsChanged` was told, in order. */
  readonly revisions: { readonly functionId: string; readonly keepKeys: ReadonlySet<string> }[]
  readonly faults: unknown[]
  /** Another service over the same database, as after a restart. */
  again(ensureRuntime?: (runtime: RuntimeIdentifier) => Promise<void>): FunctionControl
}

/** Starts a control plane whose runtimes are there, unless told otherwise. */
export async function createControlPlane(
  ensureRuntime: (runtime: RuntimeIdentifier) => Promise<void> = async () => undefined,
): Promise<ControlPlane> {
  const testDatabase = await createTestDatabase()
  const { prisma, pool } = testDatabase.database
  const dataFolder = await mkdtemp(join(tmpdir(), 'lambdaql-functions-'))
  for (const { accountId } of [SCOPE, STRANGER])
    await prisma.account.create({ data: { id: accountId, name: accountId } })
  const clock = drivenClock()
  const revisions: { functionId: string; keepKeys: ReadonlySet<string> }[] = []
  const faults: unknown[] = []
  const again = (ensure = ensureRuntime) =>
    createFunctionServices({
      prisma,
      pool,
      clock,
      dataFolder,
      ensureRuntime: ensure,
      onVersionInUse: () => undefined,
      onRevisionsChanged: (functionId, keepKeys) => revisions.push({ functionId, keepKeys }),
      onConcurrencyChanged: async () => undefined,
      reportFault: (fault) => faults.push(fault),
    })
  const control = again()
  await control.start()
  return {
    ...control,
    testDatabase,
    dataFolder,
    clock,
    revisions,
    faults,
    again,
    async [Symbol.asyncDispose]() {
      await testDatabase[Symbol.asyncDispose]()
      await removeReadOnlyFolder(dataFolder)
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}

/** A request for a small Node.js function; `overrides` replaces what a test is about. */
export function functionRequest(overrides: Partial<CreateFunctionRequest> = {}): CreateFunctionRequest {
  return {
    functionName: 'hello',
    runtime: 'nodejs22.x',
    handler: 'index.handler',
    code: codeFiles('exports.handler = async () => 1'),
    description: '',
    memoryMiB: 128,
    timeoutSeconds: 3,
    ephemeralStorageMiB: 512,
    networkAccess: 'INTERNET',
    environment: [],
    deadLetterTargetArn: '',
    architectures: ['X86_64'],
    layers: [],
    tags: [],
    publish: false,
    ...overrides,
  }
}

/** Code that consists of one file. */
export function codeFiles(content: string) {
  return { kind: 'FILES', files: [{ path: 'index.js', content }] } as const
}

/** No conditions and no changes: what an update of the configuration is made of, besides what a test is about. */
export const UNCHANGED = {
  functionName: 'hello',
  runtime: undefined,
  handler: undefined,
  description: undefined,
  memoryMiB: undefined,
  timeoutSeconds: undefined,
  ephemeralStorageMiB: undefined,
  networkAccess: undefined,
  environment: undefined,
  deadLetterTargetArn: undefined,
  layers: undefined,
  revisionId: null,
} as const

/** A publication without conditions. */
export const PUBLISH = { functionName: 'hello', description: null, codeSha256: null, revisionId: null } as const
