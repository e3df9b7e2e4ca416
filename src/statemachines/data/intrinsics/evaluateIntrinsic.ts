import { runtimeFault } from '../fault.ts'
import type { Json } from '../json.ts'
import { documentTextOf, readPath } from '../paths/evaluatePath.ts'
import { type Randomness, SYSTEM_RANDOMNESS } from '../randomness.ts'
import type { DataScope } from '../scope.ts'
import { callIntrinsic, IntrinsicMisuse, requireCount } from './callIntrinsic.ts'
import { formatText } from './formatText.ts'
import type { IntrinsicCall, IntrinsicParameter } from './intrinsicSyntax.ts'
import { parseIntrinsic, unescapeLiteral } from './parseIntrinsic.ts'

/**
 * What a call of an intrinsic function gives, the calls within it first. Throws a StateFault `States.Runtime` "The
 * function '...' had the following error: ...".
 * https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
export function evaluateIntrinsic(text: string, scope: DataScope, randomness: Randomness = SYSTEM_RANDOMNESS): Json {
  const call = parseIntrinsic(text)
  if (call === null) throw runtimeFault(`Invalid Intrinsic function: ${text}`)
  return evaluateCall(call, scope, randomness)
}

function evaluateCall(call: IntrinsicCall, scope: DataScope, randomness: Randomness): Json {
  try {
    if (call.name !== 'Format') {
      const values = call.parameters.map((parameter) => valueOfParameter(parameter, scope, randomness))
      return callIntrinsic(call.name, values, randomness)
    }
    requireCount(call.name, call.parameters.length)
    const [template, ...others] = call.parameters
    return formatText(
      templateOf(template!, scope, randomness),
      others.map((parameter) => valueOfParameter(parameter, scope, randomness)),
    )
  } catch (error) {
    if (!(error instanceof IntrinsicMisuse)) throw error
    throw runtimeFault(`The function '${call.text}' had the following error: ${error.message}`)
  }
}

function templateOf(parameter: IntrinsicParameter, scope: DataScope, randomness: Randomness): string {
  if (parameter.kind === 'text') return parameter.raw
  const value = valueOfParameter(parameter, scope, randomness)
  if (typeof value === 'string') return value
  throw new IntrinsicMisuse('Argument 1 must be a string')
}

function valueOfParameter(parameter: IntrinsicParameter, scope: DataScope, randomness: Randomness): Json {
  switch (parameter.kind) {
    case 'call':
      return evaluateCall(parameter, scope, randomness)
    case 'value':
      return parameter.value
    case 'text':
      return unescapeLiteral(parameter.raw)
    case 'path': {
      const reading = readPath(parameter.path, scope)
      if (reading.isFound) return reading.value
      const input = documentTextOf(parameter.path, scope)
      throw new IntrinsicMisuse(
        `The JsonPath argument for the field '${parameter.path}' could not be found in the input '${input}'`,
      )
    }
  }
}
