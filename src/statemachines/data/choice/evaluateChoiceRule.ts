import { runtimeFault } from '../fault.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import { readPath } from '../paths/evaluatePath.ts'
import type { DataScope } from '../scope.ts'
import { nanosecondsOf } from '../timestamps.ts'
import { isTextMatch } from './matchText.ts'

type Comparison = (order: number) => boolean

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  Equals: (order) => order === 0,
  LessThan: (order) => order < 0,
  LessThanEquals: (order) => order <= 0,
  GreaterThan: (order) => order > 0,
  GreaterThanEquals: (order) => order >= 0,
}

const IS: Readonly<Record<string, (value: Json) => boolean>> = {
  IsBoolean: (value) => typeof value === 'boolean',
  IsNull: (value) => value === null,
  IsNumeric: (value) => typeof value === 'number',
  IsString: (value) => typeof value === 'string',
  IsTimestamp: (value) => typeof value === 'string' && nanosecondsOf(value) !== null,
}

/** A kind of value, and an order among its values: `null` where one of the two is of another kind. */
const ORDERS: Readonly<Record<string, (left: Json, right: Json) => number | null>> = {
  Boolean: (left, right) => (typeof left === 'boolean' && typeof right === 'boolean' ? compare(left, right) : null),
  Numeric: (left, right) => (typeof left === 'number' && typeof right === 'number' ? compare(left, right) : null),
  String: (left, right) => (typeof left === 'string' && typeof right === 'string' ? compare(left, right) : null),
  Timestamp(left, right) {
    const [first, second] = [momentOf(left), momentOf(right)]
    return first === null || second === null ? null : compare(first, second)
  },
}

/** The operators of a data test: which value follows, and what it does with it. */
export const CHOICE_OPERATORS: readonly string[] = [
  'BooleanEquals',
  ...['Numeric', 'String', 'Timestamp'].flatMap((kind) => Object.keys(COMPARISONS).map((name) => `${kind}${name}`)),
]
  .flatMap((name) => [name, `${name}Path`])
  .concat('StringMatches', 'IsPresent', ...Object.keys(IS))

/**
 * Whether a choice rule of JSONPath holds. Values of other kinds than the operator's make it false. Throws a StateFault
 * `States.Runtime` where the Variable, or what a Path operator compares with, is not there: but for `IsPresent`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
 */
export function evaluateChoiceRule(rule: Json, scope: DataScope): boolean {
  if (!isObject(rule)) throw runtimeFault('A choice rule must be an object')
  if (Array.isArray(rule['And'])) return rule['And'].every((part) => evaluateChoiceRule(part, scope))
  if (Array.isArray(rule['Or'])) return rule['Or'].some((part) => evaluateChoiceRule(part, scope))
  if (rule['Not'] !== undefined) return !evaluateChoiceRule(rule['Not'], scope)
  return evaluateDataTest(rule, scope)
}

function evaluateDataTest(rule: JsonObject, scope: DataScope): boolean {
  const operator = Object.keys(rule).find((key) => CHOICE_OPERATORS.includes(key))
  const variable = rule['Variable']
  if (operator === undefined || typeof variable !== 'string') {
    throw runtimeFault('A choice rule must have a Variable and an operator')
  }
  const reading = readPath(variable, scope)
  if (operator === 'IsPresent') return reading.isFound === rule[operator]
  if (!reading.isFound) throw invalidCondition(variable)
  const is = IS[operator]
  if (is !== undefined) return is(reading.value) === rule[operator]
  const operand = operandOf(operator, rule[operator]!, scope)
  if (operator === 'StringMatches') {
    return typeof reading.value === 'string' && typeof operand === 'string' && isTextMatch(reading.value, operand)
  }
  const [, kind, comparison] = /^(Boolean|Numeric|String|Timestamp)(.*?)(?:Path)?$/.exec(operator)!
  const order = ORDERS[kind!]!(reading.value, operand)
  return order !== null && COMPARISONS[comparison!]!(order)
}

function operandOf(operator: string, operand: Json, scope: DataScope): Json {
  if (!operator.endsWith('Path') || typeof operand !== 'string') return operand
  const reading = readPath(operand, scope)
  if (!reading.isFound) throw invalidCondition(operand)
  return reading.value
}

function invalidCondition(path: string) {
  return runtimeFault(`Invalid path '${path}': The choice state's condition path references an invalid value.`)
}

function momentOf(value: Json): bigint | null {
  return typeof value === 'string' ? nanosecondsOf(value) : null
}

function compare<T extends boolean | number | string | bigint>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0
}
