import { languageOf, type RuntimeIdentifier } from '../model/runtime.ts'
import type { EnvironmentSpec, InitializationType } from './contract.ts'

/**
 * The variables that every function finds (recorded facts 101 to 105). Left out are those that would be untrue here:
 * credentials of a cloud and an X-Ray daemon. Where there is a Runtime API the driver adds its address.
 */
export function platformVariables(
  spec: EnvironmentSpec,
  initializationType: InitializationType,
  logStreamName: string,
): Record<string, string> {
  return {
    AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: spec.versionNumber === 0 ? '$LATEST' : String(spec.versionNumber),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMiB),
    AWS_LAMBDA_INITIALIZATION_TYPE: initializationType,
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName(spec),
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_REGION: spec.scope.region,
    AWS_DEFAULT_REGION: spec.scope.region,
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    LAMBDA_TASK_ROOT: '/var/task',
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    LD_LIBRARY_PATH: '/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib',
    _HANDLER: spec.handler,
    ...variablesOfRuntime(spec.runtime),
  }
}

/** A custom runtime finds none of these, and Java no working folder and level of shell (recorded facts 102 and 103). */
function variablesOfRuntime(runtime: RuntimeIdentifier): Record<string, string> {
  const named = { AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}` }
  const started = { ...named, PWD: '/var/task', SHLVL: '0' }
  switch (languageOf(runtime)) {
    case 'nodejs':
      return { ...started, NODE_PATH: nodePath(runtime) }
    case 'python':
      return { ...started, PYTHONPATH: '/var/runtime' }
    case 'java':
      // Java takes the encoding of file names and of children's variables from a locale, and LANG's may not be here.
      return { ...named, LC_ALL: 'C.UTF-8' }
    case 'provided':
      return {}
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
