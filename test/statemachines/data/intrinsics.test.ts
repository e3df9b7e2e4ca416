import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyTemplate } from '../../../src/statemachines/data/applyTemplate.ts'
import { evaluateIntrinsic } from '../../../src/statemachines/data/intrinsics/evaluateIntrinsic.ts'
import { parseIntrinsic } from '../../../src/statemachines/data/intrinsics/parseIntrinsic.ts'
import type { Json } from '../../../src/statemachines/data/json.ts'

const scope = {
  input: { list: [1, 2, 2, { a: 1 }, { a: 1 }], text: 'a b', n: -1.5, o: { a: 1, b: ['x', null] }, 'a,b': 'comma' },
  context: { Execution: { Name: 'run' } },
  variables: { template: '{} and {}' } as Record<string, Json>,
}
const evaluate = (text: string) => evaluateIntrinsic(text, scope, { next: () => 0.5, uuid: () => 'made up' })

describe('an intrinsic function', () => {
  test.each<[string, Json]>([
    ["States.Array('a', 1, true, null, $.n)", ['a', 1, true, null, -1.5]],
    ['States.Array()', []],
    ['States.ArrayContains($.list, $.list[3])', true],
    ["States.ArrayContains($.list, '1')", false],
    ['States.ArrayGetItem($.list, 1)', 2],
    ['States.ArrayLength($.list)', 5],
    ['States.ArrayPartition($.list, 4)', [[1, 2, 2, { a: 1 }], [{ a: 1 }]]],
    ['States.ArrayRange(1, 9, 2)', [1, 3, 5, 7, 9]],
    ['States.ArrayRange(3, 0, -2)', [3, 1]],
    ['States.ArrayUnique($.list)', [1, 2, { a: 1 }]],
    ["States.Base64Encode('Füße')", 'RsO8w59l'],
    ["States.Base64Decode('RsO8w59l')", 'Füße'],
    ["States.Format('{} is {}', 'x', $.n)", 'x is -1.5'],
    ["States.Format('{}', $.o)", '{a=1, b=[x, null]}'],
    ["States.Format($template, 'a', 'b')", 'a and b'],
    ["States.Format('It\\'s \\{{}\\} \\\\', 1)", "It's {1} \\"],
    ["States.Hash('input data', 'MD5')", '812f45842bc6d66ee14572ce20db8e86'],
    ['States.JsonMerge($.o, States.StringToJson(\'\\{"a":2\\}\'), false)', { a: 2, b: ['x', null] }],
    ['States.JsonToString($.o)', '{"a":1,"b":["x",null]}'],
    ['States.MathAdd($.n, 0)', -1],
    ['States.MathAdd(-0.5, 0)', 0],
    ['States.MathAdd(1.49, 1.5)', 3],
    ['States.MathRandom(1, 5)', 3],
    ["States.StringSplit('a.b+c..d', '.+')", ['a', 'b', 'c', 'd']],
    ["States.StringSplit('abc', '')", ['abc']],
    ["States.StringToJson('')", null],
    ["States.StringToJson('[1, 2]')", [1, 2]],
    ['States.UUID()', 'made up'],
    ["States.ArrayGetItem(States.StringSplit($.text, ' '), States.MathAdd(1, 0))", 'b'],
    ["States.Format('{}', $['a,b'])", 'comma'],
    ['States.ArrayLength($.list[?(@.a == 1)])', 2],
    ["States.Format('{}', $$.Execution.Name)", 'run'],
  ])('gives: %s', (text, expected) => {
    const result = evaluate(text)
    expect(result).toEqual(expected)
    expect(Object.is(result, -0)).toBe(false)
  })

  test.each([
    'States.ArrayGetItem($.list, 9)',
    'States.ArrayGetItem($.list, -1)',
    'States.ArrayLength($.text)',
    'States.ArrayPartition($.list, 0)',
    'States.ArrayRange(0, 1, 0)',
    'States.ArrayRange(0, 1000, 1)',
    "States.Base64Decode('?')",
    "States.Format('{} {}', 1)",
    "States.Format('{}', 1, 2)",
    "States.Format('{', 1)",
    "States.Hash('a', 'CRC')",
    'States.JsonMerge($.o, $.o, true)',
    'States.JsonMerge($.o, $.list, false)',
    "States.MathAdd('1', 2)",
    'States.MathAdd(1)',
    'States.MathRandom(5, 5)',
    "States.StringToJson('nope')",
    'States.Format($.none, 1)',
  ])('that cannot do it is a States.Runtime which quotes it: %s', (text) => {
    expect(() => evaluate(text)).toThrow(`States.Runtime: The function '${text}' had the following error: `)
  })

  test('quotes the innermost call that failed, and the input that lacks a path', () => {
    expect(() => evaluate('States.Array(States.MathAdd($.none, 1))')).toThrow(
      "The function 'States.MathAdd($.none, 1)' had the following error: The JsonPath argument for the field '$.none' could not be found in the input '{\"list\"",
    )
  })

  test('with a seed gives the same number each time, within its bounds', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: 1, max: 1000 }),
        (seed, start, span) => {
          const text = `States.MathRandom(${start}, ${start + span}, ${seed})`
          const number = evaluate(text) as number
          expect(number).toBe(evaluate(text))
          expect(number >= start && number < start + span && Number.isInteger(number)).toBe(true)
        },
      ),
    )
  })

  test.each([
    'States.Nope()',
    'States.array(1)',
    'States.Array(1',
    'States.Array(1,)',
    'States.Array(1) x',
    "States.Array('a)",
    "States.Array('a\\n')",
    'States.StringToJson(\'{"text":"An \\"escaped\\" quote"}\')',
    'States.Array(abc)',
    'States.Array($.a[)',
    'Array(1)',
    '',
    `${'States.Array('.repeat(11)}${')'.repeat(11)}`,
  ])('is none: %s', (text) => {
    expect(parseIntrinsic(text)).toBeNull()
  })

  test('may be written over several lines and with text of several lines', () => {
    expect(evaluate("States.StringSplit(\n 'Hello\nWorld' , '\n' )")).toEqual(['Hello', 'World'])
  })
})

describe('a template', () => {
  test('has the members filled in whose names end in .$, at any depth', () => {
    const template = {
      'a.$': '$.n',
      b: [{ 'c.$': "States.Format('{}', $.text)" }, '$.n'],
      d: '$.n',
      e: { 'f.$': '$$.Execution' },
    }
    expect(applyTemplate(template, scope)).toEqual({
      a: -1.5,
      b: [{ c: 'a b' }, '$.n'],
      d: '$.n',
      e: { f: { Name: 'run' } },
    })
    for (const plain of [null, 'x', 1, ['$.n']]) expect(applyTemplate(plain, scope)).toEqual(plain)
  })

  test('whose path leads nowhere is a States.Runtime that shows path, field and input', () => {
    expect(() => applyTemplate({ x: { 'value.$': '$.a.b' } }, { ...scope, input: { k: 0 } })).toThrow(
      "States.Runtime: The JSONPath '$.a.b' specified for the field 'value.$' could not be found in the input '{\"k\":0}'",
    )
  })
})
