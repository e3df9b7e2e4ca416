import { runtimeFault } from './fault.ts'
import { evaluateIntrinsic } from './intrinsics/evaluateIntrinsic.ts'
import { isObject, type Json } from './json.ts'
import { documentTextOf, missingFault, readPath } from './paths/evaluatePath.ts'
import { type Randomness, SYSTEM_RANDOMNESS } from './randomness.ts'
import type { DataScope } from './scope.ts'

/**
 * A payload template filled in: of each member whose name ends in `.$`, at any depth and within lists, the text is a
 * path or a call of an intrinsic function, and its result stands under the name without `.$`. Everything else stays as
 * it is. Throws a StateFault `States.Runtime` where a path leads nowhere or a function fails.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html
 */
export function applyTemplate(template: Json, scope: DataScope, randomness: Randomness = SYSTEM_RANDOMNESS): Json {
  if (Array.isArray(template)) return template.map((item) => applyTemplate(item, scope, randomness))
  if (!isObject(template)) return template
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith('.$')
        ? [key.slice(0, -2), expressionAt(key, value, scope, randomness)]
        : [key, applyTemplate(value, scope, randomness)],
    ),
  )
}

function expressionAt(field: string, expression: Json, scope: DataScope, randomness: Randomness): Json {
  if (typeof expression !== 'string') {
    throw runtimeFault(`The value for the field '${field}' must be a valid JSONPath or a valid intrinsic function call`)
  }
  if (!expression.startsWith('$')) return evaluateIntrinsic(expression, scope, randomness)
  const reading = readPath(expression, scope)
  if (reading.isFound) return reading.value
  const input = documentTextOf(expression, scope)
  throw missingFault(
    expression,
    scope,
    `The JSONPath '${expression}' specified for the field '${field}' could not be found in the input '${input}'`,
  )
}
