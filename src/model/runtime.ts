/** The runtimes that this service knows. The identifiers are AWS's; the GraphQL names are made from them. */
export const RUNTIME_IDENTIFIERS = [
  'nodejs20.x',
  'nodejs22.x',
  'nodejs24.x',
  'python3.11',
  'python3.12',
  'python3.13',
  'python3.14',
  'java17',
  'java21',
  'dotnet8',
  'provided.al2023',
  'provided.al2',
] as const

/** AWS's identifier of a runtime, for example `nodejs22.x`. */
export type RuntimeIdentifier = (typeof RUNTIME_IDENTIFIERS)[number]

/** The GraphQL enum value of a runtime: `nodejs22.x` is `NODEJS22_X`. */
export function runtimeEnumName(identifier: RuntimeIdentifier) {
  return identifier.toUpperCase().replace('.', '_') as RuntimeEnumName
}

/** The names of the GraphQL enum `Runtime`. */
export type RuntimeEnumName =
  | 'NODEJS20_X'
  | 'NODEJS22_X'
  | 'NODEJS24_X'
  | 'PYTHON3_11'
  | 'PYTHON3_12'
  | 'PYTHON3_13'
  | 'PYTHON3_14'
  | 'JAVA17'
  | 'JAVA21'
  | 'DOTNET8'
  | 'PROVIDED_AL2023'
  | 'PROVIDED_AL2'

const IDENTIFIER_BY_NAME = new Map(RUNTIME_IDENTIFIERS.map((identifier) => [runtimeEnumName(identifier), identifier]))

/** The identifier of a GraphQL enum value: `NODEJS22_X` is `nodejs22.x`. */
export function runtimeIdentifier(name: RuntimeEnumName): RuntimeIdentifier {
  const identifier = IDENTIFIER_BY_NAME.get(name)
  if (identifier === undefined) throw new RangeError(`no runtime is named ${name}`)
  return identifier
}

/** What a function is written in; `provided` is whatever its own bootstrap is. */
export type Language = 'nodejs' | 'python' | 'java' | 'dotnet' | 'provided'

/** The language of a runtime: `python` of `python3.12`. */
export function languageOf(identifier: RuntimeIdentifier): Language {
  return /^[a-z]+/.exec(identifier)![0] as Language
}

/** Whether the code package brings its own runtime: an executable `bootstrap` that speaks the Runtime API. */
export function isCustomRuntime(identifier: RuntimeIdentifier): boolean {
  return languageOf(identifier) === 'provided'
}
