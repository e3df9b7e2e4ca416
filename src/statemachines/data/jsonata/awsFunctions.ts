import type { Expression, Focus } from 'jsonata'
import { HASH_ALGORITHMS, hashOf } from '../hashes.ts'
import type { Json } from '../json.ts'
import { partition, RANGE_AT_MOST, range } from '../lists.ts'
import { type Randomness, seededRandom } from '../randomness.ts'

/** What an evaluation brings along. No expression can name it: JSONata's names have no blanks. */
export const SURROUNDINGS = 'surroundings of the evaluation'
export interface Surroundings {
  now(): number
  readonly randomness: Randomness
}

/** An error with a code, as JSONata's own functions throw them. */
class FunctionMisuse extends Error {
  readonly code: string

  constructor(name: string, message: string) {
    super(message)
    this.code = `States.${name}`
  }
}

interface FunctionDefinition {
  readonly implementation: (...parameters: unknown[]) => unknown
}

function surroundingsOf(focus: Focus): Surroundings {
  return focus.environment.lookup(SURROUNDINGS)
}

/**
 * Gives an expression what AWS adds to JSONata, takes away what it takes, and lets its time and its chance come from
 * the surroundings.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-functions-provided-by-sfn
 */
export function addAwsFunctions(expression: Expression): void {
  expression.assign('eval', undefined)

  expression.registerFunction(
    'partition',
    (items: Json[] | undefined, size: number | undefined) => {
      if (items === undefined || size === undefined) return undefined
      const rounded = Math.round(size)
      if (rounded < 1) throw new FunctionMisuse('partition', 'The chunk size must be a positive integer')
      return partition(items, rounded)
    },
    '<an:a>',
  )

  expression.registerFunction(
    'range',
    (first: number | undefined, last: number | undefined, step: number | undefined) => {
      if (first === undefined || last === undefined || step === undefined) return undefined
      const rounded = Math.round(step)
      if (rounded === 0) throw new FunctionMisuse('range', 'The step must not be zero')
      const numbers = range(Math.round(first), Math.round(last), rounded)
      if (numbers === null) throw new FunctionMisuse('range', `The range exceeds ${RANGE_AT_MOST} elements`)
      // A sequence, recorded on AWS: one number alone is no list.
      return Object.assign(numbers, { sequence: true })
    },
    '<nnn:a>',
  )

  expression.registerFunction(
    'hash',
    (data: Json | undefined, algorithm: string | undefined) => {
      if (data === undefined || algorithm === undefined) return undefined
      const hash = hashOf(data, algorithm)
      if (hash === null) throw new FunctionMisuse('hash', `The algorithm must be one of ${HASH_ALGORITHMS.join(', ')}`)
      return hash
    },
    '<xs:s>',
  )

  expression.registerFunction(
    'random',
    function (seed: number | undefined) {
      return seed === undefined ? surroundingsOf(this).randomness.next() : seededRandom(Math.trunc(seed))()
    },
    '<n?:n>',
  )

  expression.registerFunction(
    'uuid',
    function () {
      return surroundingsOf(this).randomness.uuid()
    },
    '<:s>',
  )

  expression.registerFunction(
    'parse',
    (text: string | undefined) => {
      if (text === undefined) return undefined
      try {
        return JSON.parse(text)
      } catch {
        throw new FunctionMisuse('parse', 'The argument is not valid JSON')
      }
    },
    '<s-:x>',
  )

  expression.registerFunction(
    'millis',
    function () {
      return surroundingsOf(this).now()
    },
    '<:n>',
  )

  expression.registerFunction(
    'now',
    function (picture: string | undefined, timezone: string | undefined) {
      const fromMillis: FunctionDefinition = this.environment.lookup('fromMillis')
      return fromMillis.implementation(surroundingsOf(this).now(), picture, timezone)
    },
    '<s?s?:s>',
  )
}
