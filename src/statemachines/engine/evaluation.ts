import { applyTemplate } from '../data/applyTemplate.ts'
import { StateFault } from '../data/fault.ts'
import type { Json } from '../data/json.ts'
import { evaluateJsonata } from '../data/jsonata/evaluateJsonata.ts'
import { evaluatePath } from '../data/paths/evaluatePath.ts'
import type { DataScope } from '../data/scope.ts'
import type { State } from '../definition/types.ts'
import { contextObject, type Draft, randomnessOf, visibleVariables } from './draft.ts'
import type { Thread, Visit } from './executionState.ts'
import { queryLanguageOf } from './machine.ts'

/** What a state's expressions and paths can see, in either query language. */
export interface Evaluation {
  readonly isJsonata: boolean
  readonly context: Json
  /** JSONPath: a path over `input`, `$$` or a variable. */
  readonly path: (path: string, input: Json) => Json
  /** JSONPath: a payload template over `input`. */
  readonly template: (template: Json, input: Json) => Json
  /** JSONata: a template with expressions; `location` is the field that it is in. `seen` is more of `$states`. */
  readonly jsonata: (template: Json, location: string, seen?: Seen) => Promise<Json>
  readonly scope: (input: Json) => DataScope
}

/** What `$states` has beside input and context. */
export interface Seen {
  readonly result?: Json
  readonly errorOutput?: Json
}

export function evaluationOf(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: State,
  { token = null as string | null, item = null as { index: number; value: Json } | null } = {},
): Evaluation {
  const seenThread = item === null ? thread : { ...thread, item }
  const context = contextObject(draft, seenThread, visit, token)
  const variables = visibleVariables(draft, thread)
  const randomness = randomnessOf(draft)
  const scope = (input: Json): DataScope => ({ input, context, variables })
  return {
    isJsonata: queryLanguageOf(draft.machine, state) === 'JSONata',
    context,
    scope,
    path: (path, input) => evaluatePath(path, scope(input)),
    template: (template, input) => applyTemplate(template, scope(input), randomness),
    jsonata: (template, location, seen = {}) =>
      evaluateJsonata(
        template,
        { states: { input: visit.input, context, ...seen }, variables },
        { location, now: () => draft.nowMs, randomness },
      ),
  }
}

/** `InputPath` and `OutputPath`: null stands for an empty object. */
export function throughPath(evaluation: Evaluation, path: string | null | undefined, input: Json): Json {
  if (path === undefined || path === '$') return input
  return path === null ? {} : evaluation.path(path, input)
}

/**
 * A number that is given as it is, as an expression, or by a path. Null where it is not given.
 * Throws where it is no whole number.
 */
export async function numberOf(
  evaluation: Evaluation,
  field: string,
  given: number | string | undefined,
  path: string | undefined,
  input: Json,
): Promise<number | null> {
  if (path !== undefined) {
    const value = evaluation.path(path, input)
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isInteger(number)) return number
    const shown = typeof value === 'string' ? value : JSON.stringify(value)
    throw new StateFault(
      'States.Runtime',
      `The ${field}Path field refers to value "${shown}" which is not a valid integer: ${path}`,
    )
  }
  if (given === undefined) return null
  if (typeof given === 'number') return given
  const value = await evaluation.jsonata(given, field)
  if (typeof value === 'number') return value
  throw unexpectedType(given, field, 'number', value)
}

/** What AWS says of an expression that gives something else than the field takes. */
export function unexpectedType(expression: string, field: string, expected: string, value: Json): StateFault {
  const source = expression.trim().replace(/^\{%\s*|\s*%\}$/g, '')
  return new StateFault(
    'States.QueryEvaluationError',
    `The JSONata expression '${source}' specified for the field '${field}' returned an unexpected result type. Expected '${expected}', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`,
    { location: field },
  )
}

export function typeName(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
