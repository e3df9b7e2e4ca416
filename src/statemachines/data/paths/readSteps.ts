import { isObject, type Json, memberOf } from '../json.ts'
import { isTrueFor } from './filterValue.ts'
import { callPathFunction } from './pathFunctions.ts'
import { type FilterCondition, isOverAll, type ParsedPath, type PathStep } from './pathSyntax.ts'

/** The documents that the roots of a path stand for. */
export interface PathRoots {
  readonly input: Json
  readonly item?: Json
}

export type PathReading =
  | { readonly isFound: true; readonly value: Json }
  /** `reason` in the words that AWS passes on from Jayway. */
  | { readonly isFound: false; readonly reason: string }

/** A definite way ended before the path did. */
class Missing extends Error {}

/** How deep documents may be nested for `..`, and how many values a path may give: beyond, reading is given up. */
const DEPTH_AT_MOST = 1_000
const VALUES_AT_MOST = 1_000_000

/**
 * Follows the steps of a path from a document: the value at the one place of a definite path, the list of all values of
 * an indefinite one. As Jayway's JsonPath does it, but for one thing that AWS does differently: an indefinite path on
 * whose definite beginning there is nothing gives `[]` there, no error.
 */
export function readSteps(path: ParsedPath, document: Json, roots: PathRoots): PathReading {
  const last = path.steps.at(-1)
  if (isOverAll(path.steps) && last?.kind === 'function') return readOverAll(path, last, document, roots)
  const found: Json[] = []
  const reader = stepReader(path.steps, roots, found)
  try {
    reader.follow(0, document, '$', true)
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    if (path.isDefinite) return { isFound: false, reason: error.message }
  }
  if (!path.isDefinite) return { isFound: true, value: found }
  const value = found.at(-1)
  if (value === undefined) return { isFound: false, reason: `No results for path: ${fragments(path.steps)}` }
  return { isFound: true, value }
}

/** `$..price.sum()`: Jayway calls a function behind a leading `..` once, with all that was found. */
function readOverAll(
  path: ParsedPath,
  step: PathStep & { kind: 'function' },
  document: Json,
  roots: PathRoots,
): PathReading {
  const found = readSteps({ ...path, steps: path.steps.slice(0, -1), isDefinite: false }, document, roots)
  const values = found.isFound && Array.isArray(found.value) ? found.value : []
  const isOfParts = step.name === 'length' || step.name === 'size'
  const value = callPathFunction(step, isOfParts ? values.flatMap(partsOf) : values, { ...roots, item: values })
  return value === undefined
    ? { isFound: false, reason: `Function ${step.name}() can not be applied in path ${fragments(path.steps)}` }
    : { isFound: true, value }
}

function partsOf(value: Json): Json[] {
  if (Array.isArray(value)) return value
  return isObject(value) ? Object.values(value) : []
}

function stepReader(steps: readonly PathStep[], roots: PathRoots, found: Json[]) {
  const isLast = (at: number) => at === steps.length - 1

  /** `isSure`: every step up to here is definite, so that nothing there is an error and no mismatch. */
  function follow(at: number, value: Json, place: string, isSure: boolean): void {
    if (at === steps.length) {
      if (found.length >= VALUES_AT_MOST) throw new Missing('The path gives too many values')
      found.push(value)
      return
    }
    const step = steps[at]!
    switch (step.kind) {
      case 'property':
        followName(at, step.name, value, place, isSure)
        break
      case 'properties':
        followNames(at, step.names, value, place, isSure)
        break
      case 'index':
        if (isArrayFor(step, value, place, isSure)) followIndex(at, step.index, value, place, isSure)
        break
      case 'indexes':
        if (!isArrayFor(step, value, place, isSure)) break
        for (const index of step.indexes) followIndex(at, index, value, place, false)
        break
      case 'slice':
        if (!isArrayFor(step, value, place, isSure)) break
        for (const index of indexesOfSlice(step, value.length)) followIndex(at, index, value, place, false)
        break
      case 'wildcard':
        followAll(at, value, place)
        break
      case 'filter':
        followFilter(at, step.condition, value, place, isSure)
        break
      case 'descent':
        descend(at + 1, value, place, 0)
        break
      case 'function': {
        const result = callPathFunction(step, value, { ...roots, item: value })
        if (result === undefined) throw new Missing(`Function ${step.name}() can not be applied in path ${place}`)
        follow(at + 1, result, `${place}.${step.name}()`, isSure)
      }
    }
  }

  function followName(at: number, name: string, value: Json, place: string, isSure: boolean): void {
    const here = `${place}['${name}']`
    if (!isObject(value)) {
      if (isSure)
        throw new Missing(
          `Expected to find an object with property ['${name}'] in path ${place} but found '${kindOf(value)}'.`,
        )
      return
    }
    const member = memberOf(value, name)
    if (member !== undefined) follow(at + 1, member, here, isSure)
    else if (isSure && !isLast(at)) throw new Missing(`Missing property in path ${here}`)
  }

  function followNames(at: number, names: readonly string[], value: Json, place: string, isSure: boolean): void {
    if (!isObject(value)) {
      if (isSure)
        throw new Missing(`Expected to find an object with properties in path ${place} but found '${kindOf(value)}'.`)
      return
    }
    if (!isLast(at)) {
      for (const name of names) followName(at, name, value, place, false)
      return
    }
    follow(
      at + 1,
      Object.fromEntries(names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name]!])),
      place,
      isSure,
    )
  }

  function isArrayFor(step: PathStep, value: Json, place: string, isSure: boolean): value is Json[] {
    if (Array.isArray(value)) return true
    if (!isSure) return false
    if (value === null) throw new Missing(`The path ${place} is null`)
    throw new Missing(
      `Filter: ${fragment(step)} can only be applied to arrays. Current context is: ${JSON.stringify(value)}`,
    )
  }

  function followIndex(at: number, index: number, value: Json[], place: string, isSure: boolean): void {
    const item = value[index < 0 ? value.length + index : index]
    if (item !== undefined) follow(at + 1, item, `${place}[${index}]`, isSure)
  }

  function followItems(at: number, items: Json[], place: string): void {
    for (const [index, item] of items.entries()) follow(at + 1, item, `${place}[${index}]`, false)
  }

  function followAll(at: number, value: Json, place: string): void {
    if (Array.isArray(value)) followItems(at, value, place)
    else if (isObject(value)) {
      for (const [name, member] of Object.entries(value)) follow(at + 1, member, `${place}['${name}']`, false)
    }
  }

  function followFilter(at: number, condition: FilterCondition, value: Json, place: string, isSure: boolean): void {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (isTrueFor(condition, { ...roots, item })) followIndex(at, index, value, place, false)
      }
    } else if (isObject(value)) {
      if (isTrueFor(condition, { ...roots, item: value })) follow(at + 1, value, place, false)
    } else if (isSure) {
      throw new Missing(`Filter: [?] can not be applied to primitives. Current context is: ${JSON.stringify(value)}`)
    }
  }

  /** `..`: the step after it at this value and at everything below it, what is higher up first. */
  function descend(at: number, value: Json, place: string, depth: number): void {
    if (depth > DEPTH_AT_MOST) throw new Missing('The document is nested too deeply')
    const step = steps[at]!
    if (isObject(value)) {
      if (suits(step, at, value)) follow(at, value, place, false)
      for (const [name, member] of Object.entries(value)) descend(at, member, `${place}['${name}']`, depth + 1)
    } else if (Array.isArray(value)) {
      if (suits(step, at, value)) follow(at, value, place, false)
      for (const [index, item] of value.entries()) descend(at, item, `${place}[${index}]`, depth + 1)
    }
  }

  /** Whether a step below `..` is taken at a value at all. */
  function suits(step: PathStep, at: number, value: Json): boolean {
    switch (step.kind) {
      case 'property':
        return memberOf(value, step.name) !== undefined
      case 'properties':
        return isObject(value) && (!isLast(at) || step.names.every((name) => Object.hasOwn(value, name)))
      case 'index':
      case 'indexes':
      case 'slice':
        return Array.isArray(value)
      case 'wildcard':
        return true
      case 'filter':
        return isTrueFor(step.condition, { ...roots, item: value })
      case 'descent':
      case 'function':
        return false
    }
  }

  return { follow }
}

/** Jayway's slices: a negative end counts from the end only where no beginning is given. */
function indexesOfSlice(slice: PathStep & { kind: 'slice' }, length: number): number[] {
  const { from, to } = slice
  if (length === 0) return []
  const begin = from === null ? 0 : to === null && from < 0 ? Math.max(0, length + from) : from
  const end = to === null ? length : Math.min(from === null && to < 0 ? length + to : to, length)
  const indexes: number[] = []
  for (let index = Math.max(begin, -length); index < end; index += 1) indexes.push(index)
  return indexes
}

function kindOf(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** A path as Jayway prints it: `$['a'][0]['b']`. */
function fragments(steps: readonly PathStep[]): string {
  return `$${steps.map(fragment).join('')}`
}

function fragment(step: PathStep): string {
  switch (step.kind) {
    case 'property':
      return `['${step.name}']`
    case 'properties':
      return `[${step.names.map((name) => `'${name}'`).join(',')}]`
    case 'index':
      return `[${step.index}]`
    case 'indexes':
      return `[${step.indexes.join(',')}]`
    case 'slice':
      return `[${step.from ?? ''}:${step.to ?? ''}]`
    case 'wildcard':
      return '[*]'
    case 'descent':
      return '..'
    case 'filter':
      return '[?]'
    case 'function':
      return `.${step.name}()`
  }
}
