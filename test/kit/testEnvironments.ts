import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { v4 as uuid } from 'uuid'
import type {
  EnvironmentPool,
  EnvironmentRequest,
  EnvironmentResult,
  EnvironmentSpec,
  LogLine,
} from '../../src/environments/contract.ts'
import { createEnvironments } from '../../src/environments/createEnvironments.ts'
import type { ProcessorLoad } from '../../src/environments/processorLoad.ts'
import type { EnvironmentRuntimes } from '../../src/environments/runtimes.ts'
import { createCodeSlots, SLOT } from '../../src/functions/codePackage/codeSlots.ts'
import { mergeFolders } from '../../src/functions/codePackage/mergeFolders.ts'
import { removeReadOnlyFolder } from '../../src/functions/codePackage/removeReadOnlyFolder.ts'
import { createLog } from '../../src/log.ts'
import { type Clock, systemClock } from '../../src/model/clock.ts'
import { execWrapperOf } from '../../src/model/execWrapper.ts'
import type { OutboundNetwork } from '../../src/network/contract.ts'
import { testConfig } from './testConfig.ts'

/** What came of one event: the result, the lines that belong to it, and those of the start. */
export interface Ran extends EnvironmentResult {
  readonly requestId: string
  readonly lines: readonly LogLine[]
  readonly initLines: readonly LogLine[]
  readonly isColdStart: boolean
  readonly logStreamName: string
  /** The payload, parsed. */
  readonly value: unknown
}

/** Execution environments without a service: code is given as files. */
export interface TestEnvironments extends AsyncDisposable {
  readonly pool: EnvironmentPool
  readonly runtimes: EnvironmentRuntimes
  /** A version made of files; the same spec is the same version. */
  spec(files: Readonly<Record<string, string | Buffer>>, changes?: Partial<EnvironmentSpec>): EnvironmentSpec
  /** A layer made of files, for `layerSha256s`. */
  layer(files: Readonly<Record<string, string | Buffer>>): string
  /** Folders that sandboxes which were started ahead see as their code, in the order of their names. */
  slots(): string[]
  /** Reserves an environment, runs one event in it, and gives it back. */
  run(
    spec: EnvironmentSpec,
    event?: unknown,
    onLine?: (line: LogLine) => undefined | Promise<void>,
    request?: Partial<EnvironmentRequest>,
  ): Promise<Ran>
}

/** Scripts say that they are, and programs are all that tests give as bytes. */
function isExecutable(content: string | Buffer): boolean {
  return typeof content !== 'string' || content.startsWith('#!')
}

export function createTestEnvironments(
  changes: Parameters<typeof testConfig>[0] = {},
  clock: Clock = systemClock(),
  { network = null, load }: { readonly network?: OutboundNetwork | null; readonly load?: ProcessorLoad } = {},
): TestEnvironments {
  const folder = mkdtempSync(join(tmpdir(), 'lambdaql-code-'))
  const folderOf = async (codeSha256: string) => join(folder, codeSha256)
  const codeStore = {
    folderOf,
    makeSlot: createCodeSlots(async () => folder, folderOf),
    async layersFolderOf(layerSha256s: readonly string[]) {
      if (layerSha256s.length === 0) return null
      const merged = join(folder, layerSha256s.join('+'))
      if (layerSha256s.length > 1 && !existsSync(merged)) {
        await mergeFolders(
          layerSha256s.map((sha256) => join(folder, sha256)),
          merged,
        )
      }
      return merged
    },
  }
  const { pool, runtimes } = createEnvironments({
    config: testConfig({ dataFolder: folder, ...changes }),
    clock,
    codeStore,
    log: createLog('error'),
    network,
    ...(load === undefined ? {} : { load }),
  })
  function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
    const sha256 = uuid()
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, sha256, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content, { mode: isExecutable(content) ? 0o755 : 0o644 })
    }
    return sha256
  }
  return {
    pool,
    runtimes,
    layer: folderWith,
    slots: () => (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith(SLOT)),
    spec(files, specChanges = {}) {
      const codeSha256 = folderWith(files)
      const { runtime = 'nodejs20.x', environment = {} } = specChanges
      return {
        key: codeSha256,
        scope: { accountId: '100000000001', region: 'us-east-1' },
        functionId: uuid(),
        functionName: 'tested',
        versionNumber: 0,
        runtime,
        handler: 'index.handler',
        architecture: 'X86_64',
        memoryMiB: 128,
        timeoutMs: 10_000,
        ephemeralStorageMiB: 512,
        networkAccess: 'INTERNET',
        environment,
        codeSha256,
        layerSha256s: [],
        execWrapper: execWrapperOf(runtime, environment),
        ...specChanges,
      }
    },
    async run(spec, event = {}, onLine = () => undefined, request = {}) {
      const lines: LogLine[] = []
      const initLines: LogLine[] = []
      await using environment = await pool.reserve(spec, (line) => void initLines.push(line), { waitMs: 20_000 })
      const requestId = request.requestId ?? uuid()
      const result = await environment.invoke(
        {
          requestId,
          payload: JSON.stringify(event),
          invokedFunctionArn: `arn:aws:lambda:us-east-1:100000000001:function:${spec.functionName}`,
          clientContext: null,
          traceId: 'Root=1-0',
          billingStepMs: 100,
          ...request,
        },
        (line) => {
          lines.push(line)
          return onLine(line)
        },
      )
      const { isColdStart, logStreamName } = environment
      return {
        ...result,
        requestId,
        lines,
        initLines,
        isColdStart,
        logStreamName,
        value: JSON.parse(result.outcome.payload),
      }
    },
    async [Symbol.asyncDispose]() {
      await pool.stop()
      await removeReadOnlyFolder(folder)
    },
  }
}
