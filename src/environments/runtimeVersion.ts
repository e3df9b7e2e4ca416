import type { EnvironmentSpec } from './contract.ts'
import type { Interpreter } from './interpreters.ts'

/** What a function's runtime is called where AWS would name one of its own releases. */
export interface RuntimeVersion {
  /** For example `python:3.11.v3.11.2`. */
  readonly name: string
  readonly arn: string
}

/** The release of a runtime that an environment runs on (recorded fact 92). */
export function runtimeVersionOf({ runtime, version }: Interpreter, { scope }: EnvironmentSpec): RuntimeVersion {
  const name = runtime
    .replace(/^(nodejs|python|java|dotnet|provided\.?)/, (name) => `${name.replace('.', '')}:`)
    .replace(/\.x$/, '')
  return { name: `${name}.v${version}`, arn: `arn:aws:lambda:${scope.region}::runtime:${runtime}` }
}
