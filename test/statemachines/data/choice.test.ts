import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluateChoiceRule } from '../../../src/statemachines/data/choice/evaluateChoiceRule.ts'
import { isTextMatch } from '../../../src/statemachines/data/choice/matchText.ts'
import type { Json, JsonObject } from '../../../src/statemachines/data/json.ts'
import { nanosecondsOf } from '../../../src/statemachines/data/timestamps.ts'

const input = {
  n: 5,
  s: 'text',
  b: true,
  nul: null,
  t: '2020-01-01T00:00:00Z',
  same: '2020-01-01T02:00:00+02:00',
  five: 5,
  list: [],
}
const holds = (rule: JsonObject) => evaluateChoiceRule(rule, { input, context: { a: 5 }, variables: { v: 5 } })
const test5 = (operator: string, operand: Json, variable = '$.n') => holds({ Variable: variable, [operator]: operand })

describe('a choice rule', () => {
  test('compares values of its own kind only', () => {
    expect(test5('NumericEquals', 5)).toBe(true)
    expect(test5('NumericGreaterThanEqualsPath', '$.five')).toBe(true)
    expect(test5('NumericLessThanPath', '$$.a')).toBe(false)
    expect(test5('NumericEqualsPath', '$v')).toBe(true)
    expect(test5('BooleanEquals', true, '$.b')).toBe(true)
    for (const variable of ['$.s', '$.b', '$.nul', '$.list']) {
      for (const operator of ['NumericEquals', 'NumericLessThan', 'NumericGreaterThanEquals']) {
        expect(test5(operator, 5, variable)).toBe(false)
      }
    }
    expect(test5('StringGreaterThan', 5, '$.s')).toBe(false)
  })

  test('compares moments, whatever their offset', () => {
    expect(test5('TimestampEqualsPath', '$.same', '$.t')).toBe(true)
    expect(test5('TimestampLessThan', '2020-01-01T00:00:00.000000001Z', '$.t')).toBe(true)
    expect(test5('TimestampEquals', '2020-01-01T00:00:00Z', '$.s')).toBe(false)
  })

  test('asks for a kind, or for another one', () => {
    expect(test5('IsNumeric', true)).toBe(true)
    expect(test5('IsNumeric', false)).toBe(false)
    expect(test5('IsString', false)).toBe(true)
    expect(test5('IsNull', true, '$.nul')).toBe(true)
    expect(test5('IsTimestamp', true, '$.t')).toBe(true)
    expect(test5('IsTimestamp', true, '$.s')).toBe(false)
    expect(test5('IsBoolean', true, '$.b')).toBe(true)
  })

  test('asks whether there is anything at all', () => {
    expect(test5('IsPresent', true, '$.none.at.all')).toBe(false)
    expect(test5('IsPresent', false, '$none')).toBe(true)
    expect(test5('IsPresent', true, '$.nul')).toBe(true)
  })

  test('joins rules, looking no further than it must', () => {
    const yes = { Variable: '$.n', NumericEquals: 5 }
    const no = { Not: yes }
    const fails = { Variable: '$.none', NumericEquals: 5 }
    expect(holds({ And: [yes, no, fails] })).toBe(false)
    expect(holds({ Or: [no, yes, fails] })).toBe(true)
    expect(holds({ Not: { Or: [no, { And: [yes, yes] }] } })).toBe(false)
  })

  test('whose variable is missing is a States.Runtime that names it', () => {
    const cause = (path: string) =>
      `States.Runtime: Invalid path '${path}': The choice state's condition path references an invalid value.`
    expect(() => test5('NumericEquals', 5, '$.none')).toThrow(cause('$.none'))
    expect(() => test5('IsString', false, '$.none')).toThrow(cause('$.none'))
    expect(() => test5('NumericEqualsPath', '$.none')).toThrow(cause('$.none'))
  })
})

describe('StringMatches', () => {
  test.each<[string, string, boolean]>([
    ['foo23.log', 'foo*.log', true],
    ['zebra.log', '*.log', true],
    ['foobar.zebra', 'foo*.*', true],
    ['a', 'a*a', false],
    ['aa', 'a*a', true],
    ['', '*', true],
    ['', '', true],
    ['x', '', false],
    ['a*b', 'a\\*b', true],
    ['axb', 'a\\*b', false],
    ['a\\b', 'a\\\\b', true],
    ['a\\xb', 'a\\\\*b', true],
    ['a\\b', 'a\\b', true],
    ['abcbc', 'a*bc', true],
    ['a\nb', 'a*b', true],
  ])('%j with %j: %s', (text, pattern, expected) => {
    expect(isTextMatch(text, pattern)).toBe(expected)
  })

  test('agrees with a regular expression on any text', () => {
    const word = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((letters) => letters.join(''))
    fc.assert(
      fc.property(word, word, (text, pattern) => {
        expect(isTextMatch(text, pattern)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text))
      }),
    )
  })
})

describe('a timestamp', () => {
  test.each(['2016-03-14T01:59:00Z', '2016-02-29T23:59:59.123456789+18:00', '0001-01-01T00:00:00-00:30'])(
    'is one: %s',
    (text) => {
      expect(nanosecondsOf(text)).not.toBeNull()
    },
  )

  test.each([
    '2016-03-14',
    '2016-03-14T01:59:00',
    '2016-03-14 01:59:00Z',
    '2016-03-14t01:59:00Z',
    '2016-03-14T01:59:00z',
    '2016-13-14T01:59:00Z',
    '2015-02-29T01:59:00Z',
    '2016-03-14T25:59:00Z',
    '2016-03-14T24:00:00Z',
    '2016-03-14T01:60:00Z',
    '2016-03-14T01:59:00+19:00',
    '05-12-2016T21:29:29Z',
    '',
  ])('is none: %s', (text) => {
    expect(nanosecondsOf(text)).toBeNull()
  })

  test('is a moment', () => {
    expect(nanosecondsOf('1970-01-01T01:00:00.5+01:00')).toBe(500_000_000n)
    expect(nanosecondsOf('1969-12-31T23:59:59.999999999Z')).toBe(-1n)
  })
})
