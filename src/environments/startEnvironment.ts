import { randomBytes } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import { isCustomRuntime } from '../model/runtime.ts'
import { versionName } from '../model/version.ts'
import type { Bootstraps } from './bootstraps.ts'
import type { CodeStore, EnvironmentSpec, InitializationType, LogLine } from './contract.ts'
import type { Driver, SandboxSpec } from './drivers/contract.ts'
import { ExecutionEnvironment } from './executionEnvironment.ts'
import { type ExtensionFile, findExtensions } from './extensions/findExtensions.ts'
import { supervisedCommand } from './extensions/supervisor.ts'
import { type Interpreter, nodeMajor } from './interpreters.ts'
import { platformVariables } from './platformVariables.ts'
import { runtimeCommand } from './runtimeCommand.ts'
import type { EnvironmentRuntimes } from './runtimes.ts'

export interface StartEnvironmentOptions {
  readonly driver: Driver
  readonly runtimes: EnvironmentRuntimes
  readonly codeStore: CodeStore
  readonly clock: Clock
  readonly bootstraps: Bootstraps
  /** The shell script that starts extensions beside a runtime. */
  readonly supervisorScript: string
}

/** Makes the function that starts an environment of a version: fetches what it needs, sandboxes it, loads its code. */
export function createStartEnvironment(options: StartEnvironmentOptions) {
  const { driver, runtimes, codeStore, clock, bootstraps, supervisorScript } = options

  async function runtimeOf({ runtime }: EnvironmentSpec): Promise<[Interpreter, string]> {
    const interpreter = await runtimes.ensure(runtime)
    return [interpreter, await bootstraps.folderFor(interpreter)]
  }

  return async (
    spec: EnvironmentSpec,
    initializationType: InitializationType,
    onInitLog: (line: LogLine, logStreamName: string) => undefined | Promise<void>,
  ): Promise<ExecutionEnvironment> => {
    const [[interpreter, bootstrapFolder], codeFolder, layersFolder] = await Promise.all([
      runtimeOf(spec),
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
        { codeFolder, layersFolder, bootstrapFolder },
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
    .replace(/^(nodejs|python|java|dotnet|provided\.?)/, (name) => `${name.replace('.', '')}:`)
    .replace(/\.x$/, '')
  return `INIT_START Runtime Version: ${name}.v${version}\tRuntime Version ARN: arn:aws:lambda:${spec.scope.region}::runtime:${runtime}`
}

function sandboxSpecOf(
  spec: EnvironmentSpec,
  interpreter: Interpreter,
  folders: Pick<SandboxSpec, 'codeFolder' | 'layersFolder' | 'bootstrapFolder'>,
  name: string,
  logStreamName: string,
  initializationType: InitializationType,
): SandboxSpec {
  return {
    name,
    languageFolder: interpreter.languageFolder,
    command: runtimeCommand(spec, interpreter),
    ...folders,
    links: folders.layersFolder === null ? {} : moduleLinks(spec),
    environment: platformVariables(spec, initializationType, logStreamName),
    hasRuntimeApi: isCustomRuntime(spec.runtime),
    isSupervised: false,
    networkAccess: spec.networkAccess,
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
