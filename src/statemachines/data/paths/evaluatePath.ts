import { runtimeFault, type StateFault } from '../fault.ts'
import type { Json } from '../json.ts'
import type { DataScope } from '../scope.ts'
import { parsePath } from './parsePath.ts'
import type { PathRoot } from './pathSyntax.ts'
import { type PathReading, readSteps } from './readSteps.ts'

/**
 * What a path gives: the value at a definite path, the list of all matches of an indefinite one (`[]` for none).
 * Throws a StateFault `States.Runtime` "Invalid path ..." where a definite one leads nowhere.
 * https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
 */
export function evaluatePath(path: string, scope: DataScope): Json {
  const reading = readPath(path, scope)
  if (!reading.isFound) throw missingFault(path, scope, `Invalid path '${path}' : ${reading.reason}`)
  return reading.value
}

/** The same for those who have a fault of their own to report, and for `IsPresent`, to whom nothing is an answer. */
export function readPath(path: string, scope: DataScope): PathReading {
  const parsed = parsePath(path)
  if (parsed === null) return { isFound: false, reason: 'The path is not valid' }
  const document = documentOf(parsed.root, scope)
  if (document === undefined) return { isFound: false, reason: `No results for path: ${path}` }
  return readSteps(parsed, document, { input: document })
}

/** The document that a path begins at; `undefined` for a variable that was never assigned. */
export function documentOf(root: PathRoot, scope: DataScope): Json | undefined {
  switch (root.kind) {
    case 'input':
    case 'item':
      return scope.input
    case 'context':
      return scope.context
    case 'variable':
      return Object.hasOwn(scope.variables, root.name) ? scope.variables[root.name] : undefined
  }
}

/** The fault of a path that leads nowhere: AWS words it otherwise where there is no document to begin with. */
export function missingFault(path: string, scope: DataScope, cause: string): StateFault {
  const isOfNull = documentTextOf(path, scope) === 'null' && parsePath(path)?.root.kind === 'input'
  return runtimeFault(isOfNull ? 'Unable to apply Path transformation to null or empty input.' : cause)
}

/** The JSON text of what a path begins at: the causes of AWS quote it. */
export function documentTextOf(path: string, scope: DataScope): string {
  const parsed = parsePath(path)
  return JSON.stringify((parsed === null ? scope.input : documentOf(parsed.root, scope)) ?? null)
}
