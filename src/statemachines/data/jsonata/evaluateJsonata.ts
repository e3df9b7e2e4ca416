import { StateFault } from '../fault.ts'
import { isObject, type Json } from '../json.ts'
import { type Randomness, SYSTEM_RANDOMNESS } from '../randomness.ts'
import { SURROUNDINGS, type Surroundings } from './awsFunctions.ts'
import { isKnownFunction } from './callsOnlyKnown.ts'
import { compileJsonata, errorTextOf, expressionOf, isJsonata } from './compileJsonata.ts'
import { plainResult } from './plainResult.ts'
import { inTurns } from './takeTurns.ts'

export interface JsonataBindings {
  /** `$states`: input, context, and result or errorOutput where there is one. */
  readonly states: Json
  /** `$name`. */
  readonly variables: Readonly<Record<string, Json>>
}

export interface JsonataOptions {
  /** The field of the state that is evaluated, such as `Output`: causes and events name the place below it. */
  readonly location: string
  /** How long each expression may take. */
  readonly timeoutMs?: number
  /** What `$now()` and `$millis()` say. */
  readonly now?: () => number
  readonly randomness?: Randomness
}

const TIMEOUT_MS = 2_000

/**
 * A field of a JSONata state with each text that is `{% ... %}`, at any depth, replaced by what it gives; everything
 * else stays as it is. Bounded in time, depth and length of lists. Rejects with a StateFault
 * `States.QueryEvaluationError` that says where, if an expression fails or gives nothing.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export async function evaluateJsonata(value: Json, bindings: JsonataBindings, options: JsonataOptions): Promise<Json> {
  const { now = Date.now, randomness = SYSTEM_RANDOMNESS, timeoutMs = TIMEOUT_MS } = options
  // One moment for all that a field says of the time, as within one expression.
  const at = now()
  const surroundings: Surroundings = { now: () => at, randomness }
  const data = { ...bindings.variables, states: bindings.states }
  const hidesFunctions = Object.keys(data).some(isKnownFunction)

  async function evaluateAt(part: Json, location: string): Promise<Json> {
    if (typeof part === 'string') return isJsonata(part) ? evaluateOne(expressionOf(part), location) : part
    if (Array.isArray(part)) {
      const items: Json[] = []
      for (const [index, item] of part.entries()) items.push(await evaluateAt(item, `${location}[${index}]`))
      return items
    }
    if (!isObject(part)) return part
    const members: [string, Json][] = []
    for (const [key, member] of Object.entries(part))
      members.push([key, await evaluateAt(member, `${location}/${key}`)])
    return Object.fromEntries(members)
  }

  async function evaluateOne(expression: string, location: string): Promise<Json> {
    let result: unknown
    try {
      const compiled = compileJsonata(expression, timeoutMs)
      const seen = compiled.callsOnlyKnown && !hidesFunctions ? data : structuredClone(data)
      const bindings = { ...seen, [SURROUNDINGS]: surroundings }
      result = await inTurns(() => compiled.expression.evaluate(undefined, bindings))
    } catch (error) {
      throw queryFault(expression, location, `threw an error during evaluation. ${errorTextOf(error)}`)
    }
    if (result === undefined) throw queryFault(expression, location, 'returned nothing (undefined).')
    const plain = plainResult(result)
    if (plain === undefined) throw queryFault(expression, location, 'returned an unsupported result type.')
    return plain
  }

  return evaluateAt(value, options.location)
}

export type JsonataType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

/**
 * The fault of a field whose expression gave a value of the wrong type, such as no list for `Items`; `null` where it is
 * of the type. `field` is the text of the definition.
 */
export function resultTypeFault(field: Json, result: Json, expected: JsonataType, location: string): StateFault | null {
  const type = result === null ? 'null' : Array.isArray(result) ? 'array' : (typeof result as JsonataType)
  if (type === expected) return null
  const expression = typeof field === 'string' ? expressionOf(field) : JSON.stringify(field)
  return queryFault(
    expression,
    location,
    `returned an unexpected result type. Expected '${expected}', but was '${type}' for value: ${JSON.stringify(result)}`,
  )
}

function queryFault(expression: string, location: string, happened: string): StateFault {
  return new StateFault(
    'States.QueryEvaluationError',
    `The JSONata expression '${expression}' specified for the field '${location}' ${happened}`,
    { location },
  )
}
