import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../model/clock.ts'
import { isCustomRuntime } from '../model/runtime.ts'
import { versionName } from '../model/version.ts'
import type { CodeStore, EnvironmentSpec, InitializationType, LogLine } from './contract.ts'
import type { Driver, SandboxSpec } from './drivers/contract.ts'
import { ExecutionEnvironment } from './executionEnvironment.ts'
import { type ExtensionFile, findExtensions } from './extensions/findExtensions.ts'
import { supervisedCommand } from './extensions/supervisor.ts'
import { type Interpreter, nodeMajor } from './interpreters.ts'
import { platformVariables } from './platformVariables.ts'
import type { EnvironmentRuntimes } from './runtimes.ts'

export interface StartEnvironmentOptions {
  readonly driver: Driver
  readonly runtimes: EnvironmentRuntimes
  readonly codeStore: CodeStore
  readonly clock: Clock
  /** Folder with the bootstraps, one folder a language. */
  readonly bootstraps: string
  /** The shell script that starts extensions beside a runtime. */
  readonly supervisorScript: string
}

/** Makes the function that starts an environment of a version: fetches what it needs, sandboxes it, loads its code. */
export function createStartEnvironment(options: StartEnvironmentOptions) {
  const { driver, runtimes, codeStore, clock, bootstraps, supervisorScript } = options

  return async (
    spec: EnvironmentSpec,
    initializationType: InitializationType,
    onInitLog: (line: LogLine, logStreamName: string) => undefined | Promise<void>,
  ): Promise<ExecutionEnvironment> => {
    const [interpreter, codeFolder, layersFolder] = await Promise.all([
      runtimes.ensure(spec.runtime),
      codeStore.folderOf(spec.codeSha256),
      codeStore.layersFolderOf(spec.layerSha256s),
    ])
    const name = randomBytes(16).toString('hex')
    const logStreamName = newLogStreamName(spec, name, clock.now())
    const extensions = await findExtensions(layersFolder)
    const sandboxSpec = withExtensions(
      supervisorScript,
      extensions,
      sandboxSpecOf(
        spec,
        interpreter,
        { codeFolder, layersFolder },
        bootstraps,
        name,
        logStreamName,
        initializationType,
      ),
    )
    const sandbox = await driver.start(sandboxSpec)
    const onLog = (line: LogLine) => onInitLog(line, logStreamName)
    const environment = new ExecutionEnvironment({ spec, logStreamName, sandbox, clock, onInitLog: onLog, extensions })
    onLog({ timestampMs: clock.now(), source: 'PLATFORM', message: initStartLine(interpreter, spec), requestId: null })
    await environment.init({ taskRoot: driver.paths.task(sandboxSpec), layersRoot: driver.paths.layers(sandboxSpec) })
    return environment
  }
}

/** `2026/11/23/[$LATEST]<32 hexadecimal digits>` (recorded fact 106). */
export function newLogStreamName(spec: EnvironmentSpec, name: string, nowMs: number): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '/')
  return `${day}/[${versionName(spec.versionNumber)}]${name}`
}

/** The first line of a log stream (recorded fact 92). */
function initStartLine({ runtime, version }: Interpreter, spec: EnvironmentSpec): string {
  const name = runtime
    .replace(/^(nodejs|python|provided\.?)/, (name) => `${name.replace('.', '')}:`)
    .replace(/\.x$/, '')
  return `INIT_START Runtime Version: ${name}.v${version}\tRuntime Version ARN: arn:aws:lambda:${spec.scope.region}::runtime:${runtime}`
}

function sandboxSpecOf(
  spec: EnvironmentSpec,
  interpreter: Interpreter,
  folders: Pick<SandboxSpec, 'codeFolder' | 'layersFolder'>,
  bootstraps: string,
  name: string,
  logStreamName: string,
  initializationType: InitializationType,
): SandboxSpec {
  const { command, folder } = bootstrapOf(spec, interpreter)
  return {
    name,
    languageFolder: interpreter.languageFolder,
    command,
    ...folders,
    links: folders.layersFolder === null ? {} : moduleLinks(spec),
    bootstrapFolder: join(bootstraps, folder),
    environment: platformVariables(spec, initializationType, logStreamName),
    hasRuntimeApi: isCustomRuntime(spec.runtime),
    isSupervised: false,
    memoryMiB: spec.memoryMiB,
    ephemeralStorageMiB: spec.ephemeralStorageMiB,
  }
}

/** The same, with a shell that starts the extensions beside the runtime, and an API for them to speak to. */
function withExtensions(script: string, extensions: readonly ExtensionFile[], spec: SandboxSpec): SandboxSpec {
  if (extensions.length === 0) return spec
  const paths = extensions.map(({ name }) => `/opt/extensions/${name}`)
  const command = supervisedCommand(script, paths, spec.command)
  return { ...spec, command, hasRuntimeApi: true, isSupervised: true }
}

/**
 * Where `import` finds the packages of layers: it knows no NODE_PATH, and looks into the `node_modules` of every folder
 * above the code. AWS's Node.js finds them too, since nodejs18.x.
 */
function moduleLinks({ runtime }: EnvironmentSpec): Record<string, string> {
  const major = nodeMajor(runtime)
  if (major === null) return {}
  return {
    '/var/node_modules': `/opt/nodejs/node${major}/node_modules`,
    '/node_modules': '/opt/nodejs/node_modules',
  }
}

/** What runs inside, and the folder that it comes from. */
function bootstrapOf(spec: EnvironmentSpec, interpreter: Interpreter): { command: string[]; folder: string } {
  const { sandboxPath } = interpreter
  if (isCustomRuntime(spec.runtime)) {
    return { command: [sandboxPath, '/var/runtime/start.sh', '/var/task', '/opt'], folder: 'provided' }
  }
  if (spec.runtime.startsWith('nodejs')) return { command: nodeCommand(interpreter, spec), folder: 'nodejs' }
  return { command: [sandboxPath, '/var/runtime/bootstrap.py'], folder: 'python' }
}

/** As AWS does, the heap is kept below the memory, so that garbage is collected before the environment is ended. */
function nodeCommand({ sandboxPath }: Interpreter, { memoryMiB }: EnvironmentSpec): string[] {
  const HEAP_SHARE = 0.9
  return [sandboxPath, `--max-old-space-size=${Math.floor(memoryMiB * HEAP_SHARE)}`, '/var/runtime/bootstrap.mjs']
}
