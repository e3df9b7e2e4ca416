import { HASH_ALGORITHMS, hashOf } from '../hashes.ts'
import { isEqualJson, isObject, type Json, type JsonObject } from '../json.ts'
import { partition, RANGE_AT_MOST, range } from '../lists.ts'
import { type Randomness, seededRandom } from '../randomness.ts'
import type { IntrinsicName } from './intrinsicSyntax.ts'

/** The parameters do not suit the function. The text ends a cause. */
export class IntrinsicMisuse extends Error {}

/** The longest text that the Base64 functions and Hash take. */
const TEXT_CHARACTERS_AT_MOST = 10_000

type Parameters = readonly Json[]
type Implementation = (parameters: Parameters, randomness: Randomness) => Json

/** How many parameters each takes: at least, at most. `Format` and `Array` take any number. */
const COUNTS: Readonly<Record<IntrinsicName, readonly [number, number]>> = {
  Array: [0, Number.POSITIVE_INFINITY],
  ArrayContains: [2, 2],
  ArrayGetItem: [2, 2],
  ArrayLength: [1, 1],
  ArrayPartition: [2, 2],
  ArrayRange: [3, 3],
  ArrayUnique: [1, 1],
  Base64Decode: [1, 1],
  Base64Encode: [1, 1],
  Format: [1, Number.POSITIVE_INFINITY],
  Hash: [2, 2],
  JsonMerge: [3, 3],
  JsonToString: [1, 1],
  MathAdd: [2, 2],
  MathRandom: [2, 3],
  StringSplit: [2, 2],
  StringToJson: [1, 1],
  UUID: [0, 0],
}

const IMPLEMENTATIONS: Readonly<Record<Exclude<IntrinsicName, 'Format'>, Implementation>> = {
  Array: (parameters) => [...parameters],
  ArrayContains: (parameters) => listAt(parameters, 0).some((item) => isEqualJson(item, parameters[1]!)),
  ArrayGetItem(parameters) {
    const item = listAt(parameters, 0)[integerAt(parameters, 1)]
    if (item === undefined) throw new IntrinsicMisuse(`Index ${integerAt(parameters, 1)} is out of the array's bounds`)
    return item
  },
  ArrayLength: (parameters) => listAt(parameters, 0).length,
  ArrayPartition(parameters) {
    const size = integerAt(parameters, 1)
    if (size < 1) throw new IntrinsicMisuse('Chunk size must be a positive integer')
    return partition(listAt(parameters, 0), size)
  },
  ArrayRange(parameters) {
    const [first, last, step] = [integerAt(parameters, 0), integerAt(parameters, 1), integerAt(parameters, 2)]
    if (step === 0) throw new IntrinsicMisuse('Step cannot be zero')
    const numbers = range(first, last, step)
    if (numbers === null) throw new IntrinsicMisuse(`The range exceeds ${RANGE_AT_MOST} elements`)
    return numbers
  },
  ArrayUnique: (parameters) => uniqueOf(listAt(parameters, 0)),
  Base64Decode(parameters) {
    const text = boundedTextAt(parameters, 0)
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new IntrinsicMisuse('The input is not valid Base64')
    return Buffer.from(text, 'base64').toString('utf8')
  },
  Base64Encode: (parameters) => Buffer.from(boundedTextAt(parameters, 0), 'utf8').toString('base64'),
  Hash(parameters) {
    const data = parameters[0]!
    if (typeof data === 'string') boundedTextAt(parameters, 0)
    const hash = hashOf(data, parameters[1]!)
    if (hash === null) throw new IntrinsicMisuse(`The algorithm must be one of ${HASH_ALGORITHMS.join(', ')}`)
    return hash
  },
  JsonMerge(parameters) {
    if (parameters[2] !== false)
      throw new IntrinsicMisuse('Only shallow merging is supported: the third argument must be false')
    return { ...objectAt(parameters, 0), ...objectAt(parameters, 1) }
  },
  JsonToString: (parameters) => JSON.stringify(parameters[0]),
  MathAdd: (parameters) => integerAt(parameters, 0) + integerAt(parameters, 1),
  MathRandom(parameters, randomness) {
    const [start, end] = [integerAt(parameters, 0), integerAt(parameters, 1)]
    if (start >= end) throw new IntrinsicMisuse('The end number must be greater than the start number')
    const next = parameters.length === 3 ? seededRandom(integerAt(parameters, 2)) : randomness.next
    return start + Math.floor(next() * (end - start))
  },
  StringSplit(parameters) {
    const delimiters = new Set(textAt(parameters, 1))
    const parts: string[] = ['']
    for (const character of textAt(parameters, 0)) {
      if (delimiters.has(character)) parts.push('')
      else parts[parts.length - 1] += character
    }
    return parts.filter((part) => part !== '')
  },
  StringToJson(parameters) {
    const text = textAt(parameters, 0)
    if (text.trim() === '') return null
    try {
      return JSON.parse(text)
    } catch {
      throw new IntrinsicMisuse('Invalid JSON string')
    }
  },
  UUID: (_, randomness) => randomness.uuid(),
}

/**
 * Calls one of the functions, but for `States.Format`, which looks at how its parameters were written. Throws
 * IntrinsicMisuse.
 * https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
export function callIntrinsic(
  name: Exclude<IntrinsicName, 'Format'>,
  parameters: Parameters,
  randomness: Randomness,
): Json {
  requireCount(name, parameters.length)
  return IMPLEMENTATIONS[name](parameters, randomness)
}

export function requireCount(name: IntrinsicName, count: number): void {
  const [least, most] = COUNTS[name]
  if (count >= least && count <= most) return
  throw new IntrinsicMisuse(`Expected ${least === most ? least : `at least ${least}`} argument(s) but got ${count}`)
}

function uniqueOf(items: readonly Json[]): Json[] {
  const simple = new Set<Json>()
  const composed: Json[] = []
  return items.filter((item) => {
    if (typeof item !== 'object' || item === null) return !simple.has(item) && simple.add(item) !== undefined
    return !composed.some((seen) => isEqualJson(seen, item)) && composed.push(item) > 0
  })
}

function listAt(parameters: Parameters, index: number): Json[] {
  const value = parameters[index]
  if (Array.isArray(value)) return value
  throw new IntrinsicMisuse(`Argument ${index + 1} must be an array`)
}

function objectAt(parameters: Parameters, index: number): JsonObject {
  const value = parameters[index]
  if (isObject(value)) return value
  throw new IntrinsicMisuse(`Argument ${index + 1} must be a JSON object`)
}

function textAt(parameters: Parameters, index: number): string {
  const value = parameters[index]
  if (typeof value === 'string') return value
  throw new IntrinsicMisuse(`Argument ${index + 1} must be a string`)
}

function boundedTextAt(parameters: Parameters, index: number): string {
  const text = textAt(parameters, index)
  if (text.length <= TEXT_CHARACTERS_AT_MOST) return text
  throw new IntrinsicMisuse(`Argument ${index + 1} exceeds ${TEXT_CHARACTERS_AT_MOST} characters`)
}

/** Halves are rounded up, so -1.5 to -1: each argument for itself. */
function integerAt(parameters: Parameters, index: number): number {
  const value = parameters[index]
  if (typeof value !== 'number') throw new IntrinsicMisuse(`Argument ${index + 1} must be a number`)
  return Math.round(value) + 0
}
