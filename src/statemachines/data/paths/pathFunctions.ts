import { isObject, type Json } from '../json.ts'
import type { FunctionParameter, PathStep } from './pathSyntax.ts'
import { type PathRoots, readSteps } from './readSteps.ts'

/**
 * The functions that may stand in a path, as in Jayway's dialect: `length size min max avg sum stddev keys first last
 * index append concat`. `undefined` where one cannot be applied.
 * https://github.com/json-path/JsonPath#functions
 */
export function callPathFunction(
  step: PathStep & { readonly kind: 'function' },
  value: Json,
  roots: PathRoots,
): Json | undefined {
  const parameters = step.parameters.map((parameter) => argumentOf(parameter, roots))
  switch (step.name) {
    case 'length':
    case 'size': {
      const measured = parameters.length > 0 ? parameters[0]! : value
      if (Array.isArray(measured)) return measured.length
      return isObject(measured) ? Object.keys(measured).length : null
    }
    case 'min':
      return overNumbers(value, parameters, (numbers) => numbers.reduce((least, number) => Math.min(least, number)))
    case 'max':
      return overNumbers(value, parameters, (numbers) => numbers.reduce((most, number) => Math.max(most, number)))
    case 'sum':
      return overNumbers(value, parameters, sum)
    case 'avg':
      return overNumbers(value, parameters, (numbers) => sum(numbers) / numbers.length)
    case 'stddev':
      return overNumbers(value, parameters, standardDeviation)
    case 'keys':
      return isObject(value) ? Object.keys(value) : undefined
    case 'first':
      return Array.isArray(value) ? value[0] : undefined
    case 'last':
      return Array.isArray(value) ? value.at(-1) : undefined
    case 'index':
      return Array.isArray(value) && typeof parameters[0] === 'number' ? value.at(parameters[0]) : undefined
    case 'append':
      return Array.isArray(value) ? [...value, ...parameters] : undefined
    case 'concat':
      return [...(Array.isArray(value) ? value : []), ...parameters.flat()]
        .filter((part) => typeof part === 'string')
        .join('')
    default:
      return undefined
  }
}

function argumentOf(parameter: FunctionParameter, roots: PathRoots): Json {
  if (parameter.kind === 'json') return parameter.value
  const { path } = parameter
  const reading = readSteps(path, path.root.kind === 'item' ? (roots.item ?? null) : roots.input, roots)
  return reading.isFound ? reading.value : null
}

function overNumbers(
  value: Json,
  parameters: readonly Json[],
  reckon: (numbers: readonly number[]) => number,
): Json | undefined {
  const numbers = [...(Array.isArray(value) ? value : []), ...parameters.flat()].filter(
    (item) => typeof item === 'number',
  )
  return numbers.length === 0 ? undefined : reckon(numbers)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function standardDeviation(numbers: readonly number[]): number {
  const mean = sum(numbers) / numbers.length
  return Math.sqrt(sum(numbers.map((number) => number * number)) / numbers.length - mean * mean)
}
