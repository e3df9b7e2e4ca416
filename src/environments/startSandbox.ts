import { isCustomRuntime } from '../model/runtime.ts'
import type { Bootstraps } from './bootstraps.ts'
import type { CodeStore, SandboxShape } from './contract.ts'
import type { Driver, Sandbox, SandboxSpec } from './drivers/contract.ts'
import { type ExtensionFile, findExtensions } from './extensions/findExtensions.ts'
import { supervisedCommand } from './extensions/supervisor.ts'
import { type Interpreter, nodeMajor } from './interpreters.ts'
import { sandboxVariables } from './platformVariables.ts'
import type { RuntimeSetup } from './runtimeChannel.ts'
import { runtimeCommand } from './runtimeCommand.ts'
import type { EnvironmentRuntimes } from './runtimes.ts'

export interface StartSandboxOptions {
  readonly driver: Driver
  readonly runtimes: EnvironmentRuntimes
  readonly codeStore: CodeStore
  readonly bootstraps: Bootstraps
  /** The shell script that starts extensions beside a runtime. */
  readonly supervisorScript: string
  /** The shell script that becomes a function's wrapper. */
  readonly wrapperScript: string
}

/** A sandbox whose runtime waits to be told whose code to load. */
export interface StartedSandbox {
  readonly sandbox: Sandbox
  readonly interpreter: Interpreter
  /** What its supervisor was started with; empty where it has none. */
  readonly extensions: readonly ExtensionFile[]
  /** Where the runtime sees code and layers. */
  readonly roots: Pick<RuntimeSetup, 'taskRoot' | 'layersRoot'>
}

/** Starts the sandbox of a shape, which sees a folder of the host as that of its code. */
export type StartSandbox = (shape: SandboxShape, codeFolder: string) => Promise<StartedSandbox>

/** Makes the function that fetches what a sandbox needs and starts it. It rejects with a PlatformFault. */
export function createStartSandbox(options: StartSandboxOptions): StartSandbox {
  const { driver, runtimes, codeStore, bootstraps, supervisorScript, wrapperScript } = options

  async function runtimeOf({ runtime }: SandboxShape): Promise<[Interpreter, string]> {
    const interpreter = await runtimes.ensure(runtime)
    return [interpreter, await bootstraps.folderFor(interpreter)]
  }

  return async (shape, codeFolder) => {
    const [[interpreter, bootstrapFolder], layersFolder] = await Promise.all([
      runtimeOf(shape),
      codeStore.layersFolderOf(shape.layerSha256s),
    ])
    const extensions = await findExtensions(layersFolder)
    const folders = { codeFolder, layersFolder, bootstrapFolder }
    const own = withWrapper(wrapperScript, shape, sandboxSpecOf(shape, interpreter, folders))
    const spec = withExtensions(supervisorScript, extensions, own)
    const sandbox = await driver.start(spec)
    const roots = { taskRoot: driver.paths.task(spec), layersRoot: driver.paths.layers(spec) }
    return { sandbox, interpreter, extensions, roots }
  }
}

function sandboxSpecOf(
  shape: SandboxShape,
  interpreter: Interpreter,
  folders: Pick<SandboxSpec, 'codeFolder' | 'layersFolder' | 'bootstrapFolder'>,
): SandboxSpec {
  return {
    languageFolder: interpreter.languageFolder,
    command: runtimeCommand(shape, interpreter),
    ...folders,
    links: folders.layersFolder === null ? {} : moduleLinks(shape),
    environment: sandboxVariables(shape),
    hasRuntimeApi: isCustomRuntime(shape.runtime),
    isSupervised: false,
    networkAccess: shape.networkAccess,
    memoryMiB: shape.memoryMiB,
    ephemeralStorageMiB: shape.ephemeralStorageMiB,
  }
}

/** The same, with what the function has its runtime started by. */
function withWrapper(script: string, { execWrapper }: SandboxShape, spec: SandboxSpec): SandboxSpec {
  if (execWrapper === null) return spec
  return { ...spec, command: ['/bin/sh', '-c', script, 'sh', ...spec.command] }
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
function moduleLinks({ runtime }: SandboxShape): Record<string, string> {
  const major = nodeMajor(runtime)
  if (major === null) return {}
  return {
    '/var/node_modules': `/opt/nodejs/node${major}/node_modules`,
    '/node_modules': '/opt/nodejs/node_modules',
  }
}
