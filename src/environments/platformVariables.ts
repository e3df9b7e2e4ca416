import { languageOf } from '../model/runtime.ts'
import { versionName } from '../model/version.ts'
import type { EnvironmentSpec, InitializationType, SandboxShape } from './contract.ts'

/**
 * The variables that a sandbox's processes are started with, of those that every function finds (recorded facts 101 to
 * 105): what is the same whoever's code it will run. Where there is a Runtime API the driver adds its address.
 */
export function sandboxVariables(shape: SandboxShape): Record<string, string> {
  return {
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    LAMBDA_TASK_ROOT: '/var/task',
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    LD_LIBRARY_PATH: '/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib',
    ...variablesOfRuntime(shape),
  }
}

/**
 * The others of them, which come with the user's own. Left out are those that would be untrue here: credentials of a cloud
 * and an X-Ray daemon.
 */
export function functionVariables(
  spec: EnvironmentSpec,
  initializationType: InitializationType,
  logStreamName: string,
): Record<string, string> {
  return {
    AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: versionName(spec.versionNumber),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMiB),
    AWS_LAMBDA_INITIALIZATION_TYPE: initializationType,
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName(spec),
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_REGION: spec.scope.region,
    AWS_DEFAULT_REGION: spec.scope.region,
    _HANDLER: spec.handler,
  }
}

/** Java and Mono take the encoding of file names, variables and pipes from a locale, and LANG's may not be installed. */
const ENCODING = { LC_ALL: 'C.UTF-8' }

/** A custom runtime finds none of these, and Java no working folder and level of shell (recorded facts 102 and 103). */
function variablesOfRuntime({ runtime, memoryMiB }: SandboxShape): Record<string, string> {
  const named = { AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}` }
  const started = { ...named, PWD: '/var/task', SHLVL: '0' }
  switch (languageOf(runtime)) {
    case 'nodejs':
      return { ...started, NODE_PATH: nodePath(runtime) }
    case 'python':
      return { ...started, PYTHONPATH: '/var/runtime' }
    case 'java':
      return { ...named, ...ENCODING }
    case 'dotnet':
      return { ...started, ...ENCODING, ...dotnetVariables(memoryMiB) }
    case 'provided':
      return {}
  }
}

/**
 * The heap is kept below the memory, so that garbage is collected before the environment is ended; each of .NET and Mono
 * reads its own. Sockets for debuggers would be in /tmp.
 */
function dotnetVariables(memoryMiB: number): Record<string, string> {
  const HEAP_SHARE = 0.85
  const heapMiB = Math.floor(memoryMiB * HEAP_SHARE)
  return {
    DOTNET_GCHeapHardLimit: `0x${(heapMiB * 1024 * 1024).toString(16)}`,
    DOTNET_EnableDiagnostics: '0',
    DOTNET_CLI_TELEMETRY_OPTOUT: '1',
    MONO_GC_PARAMS: `max-heap-size=${heapMiB}m`,
  }
}

/** `/aws/lambda/<name>`. */
export function logGroupName(spec: EnvironmentSpec): string {
  return `/aws/lambda/${spec.functionName}`
}

function nodePath(runtime: string): string {
  const major = /^nodejs(\d+)/.exec(runtime)?.[1]
  return `/opt/nodejs/node${major}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task`
}
