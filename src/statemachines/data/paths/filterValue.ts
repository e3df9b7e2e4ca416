import { PatternTooSlow } from '../boundedPattern.ts'
import { runtimeFault } from '../fault.ts'
import { isEqualJson, isObject, type Json } from '../json.ts'
import type { FilterCondition, FilterOperand, FilterOperator, ParsedPath } from './pathSyntax.ts'
import { type PathRoots, readSteps } from './readSteps.ts'

/** What an operand of a filter stands for: `undefined` where its path leads nowhere. */
type Operand = Json | RegExp | undefined

/** Whether a filter lets the item of `roots` through, by the rules of Jayway's evaluators. */
export function isTrueFor(condition: FilterCondition, roots: PathRoots): boolean {
  switch (condition.kind) {
    case 'or':
      return condition.conditions.some((part) => isTrueFor(part, roots))
    case 'and':
      return condition.conditions.every((part) => isTrueFor(part, roots))
    case 'not':
      return !isTrueFor(condition.condition, roots)
    case 'exists':
      return (read(condition.path, roots) !== undefined) !== condition.isNegated
    case 'compare':
      return compare(condition.operator, operandOf(condition.left, roots), operandOf(condition.right, roots))
  }
}

function operandOf(operand: FilterOperand, roots: PathRoots): Operand {
  switch (operand.kind) {
    case 'literal':
      return operand.value
    case 'pattern':
      return operand.pattern
    case 'path':
      return read(operand.path, roots)
  }
}

function read(path: ParsedPath, roots: PathRoots): Json | undefined {
  const reading = readSteps(path, path.root.kind === 'item' ? (roots.item ?? null) : roots.input, roots)
  return reading.isFound ? reading.value : undefined
}

function compare(operator: FilterOperator, left: Operand, right: Operand): boolean {
  switch (operator) {
    case '==':
      return isEqual(left, right)
    case '!=':
      return !isEqual(left, right)
    case '===':
      return isOfOneKind(left, right) && isEqual(left, right)
    case '!==':
      return !(isOfOneKind(left, right) && isEqual(left, right))
    case '<':
      return isOrdered(left, right, (order) => order < 0)
    case '<=':
      return isOrdered(left, right, (order) => order <= 0)
    case '>':
      return isOrdered(left, right, (order) => order > 0)
    case '>=':
      return isOrdered(left, right, (order) => order >= 0)
    case '=~':
      return left instanceof RegExp ? isMatch(left, right) : right instanceof RegExp && isMatch(right, left)
    case 'IN':
      return Array.isArray(right) && isIn(left, right)
    case 'NIN':
      return !(Array.isArray(right) && isIn(left, right))
    case 'CONTAINS':
      if (typeof left === 'string') return typeof right === 'string' && left.includes(right)
      return Array.isArray(left) && isIn(right, left)
    case 'ALL':
      return isEach(right, left)
    case 'SIZE':
      return typeof right === 'number' && sizeOf(left) === right
    case 'EMPTY':
      return sizeOf(left) !== undefined && (sizeOf(left) === 0) === (right === true)
    case 'SUBSETOF':
      return isEach(left, right)
    case 'ANYOF':
      return Array.isArray(left) && Array.isArray(right) && left.some((item) => isIn(item, right))
    case 'NONEOF':
      return Array.isArray(left) && Array.isArray(right) && !left.some((item) => isIn(item, right))
  }
}

/** Numbers and texts that read alike are equal: which is turned into which is decided by what stands left. */
function isEqual(left: Operand, right: Operand): boolean {
  if (left === undefined || right === undefined || left instanceof RegExp || right instanceof RegExp) return false
  if (typeof left === 'number' && typeof right === 'string') return right.trim() !== '' && Number(right) === left
  if (typeof left === 'string' && typeof right === 'number') return left === String(right)
  return isEqualJson(left, right)
}

function isOfOneKind(left: Operand, right: Operand): boolean {
  if (left === null || right === null) return left === right
  const isList = typeof left === 'object'
  return isList ? typeof right === 'object' : typeof left === typeof right
}

function isOrdered(left: Operand, right: Operand, holds: (order: number) => boolean): boolean {
  if (typeof left === 'number' && typeof right === 'number') return holds(left - right)
  if (typeof left === 'string' && typeof right === 'string') return holds(left < right ? -1 : left > right ? 1 : 0)
  return false
}

function isMatch(pattern: RegExp, value: Operand): boolean {
  if (Array.isArray(value)) return value.some((item) => isMatch(pattern, item))
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return false
  try {
    return pattern.test(String(value))
  } catch (error) {
    if (error instanceof PatternTooSlow) throw runtimeFault(error.message)
    throw error
  }
}

function isIn(value: Operand, list: readonly Json[]): boolean {
  return list.some((item) => isEqual(value, item))
}

function isEach(values: Operand, list: Operand): boolean {
  return Array.isArray(values) && Array.isArray(list) && values.every((value) => isIn(value, list))
}

function sizeOf(value: Operand): number | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return value instanceof RegExp || !isObject(value) ? undefined : Object.keys(value).length
}
