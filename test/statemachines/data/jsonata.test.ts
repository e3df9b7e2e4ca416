import { describe, expect, test } from 'vitest'
import { StateFault } from '../../../src/statemachines/data/fault.ts'
import type { Json } from '../../../src/statemachines/data/json.ts'
import { parseJsonata } from '../../../src/statemachines/data/jsonata/compileJsonata.ts'
import { evaluateJsonata, resultTypeFault } from '../../../src/statemachines/data/jsonata/evaluateJsonata.ts'

const states = () => ({
  input: { a: 1, list: [1, 2, 3], inner: { x: 1 }, none: null, long: `${'a'.repeat(40)}!` },
  context: {},
})
const variables = { total: 5, box: { kept: true } }

function evaluate(value: Json, options: { now?: () => number; timeoutMs?: number } = {}): Promise<Json> {
  return evaluateJsonata(value, { states: states(), variables }, { location: 'Output', ...options })
}
const expressionOf = (expression: string) => evaluate(`{% ${expression} %}`)

async function causeOf(attempt: Promise<unknown>): Promise<string> {
  const fault = await attempt.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(fault).toBeInstanceOf(StateFault)
  expect((fault as StateFault).error).toBe('States.QueryEvaluationError')
  return (fault as StateFault).cause
}

describe('a field of JSONata', () => {
  test('has each text that is an expression replaced, at any depth, and nothing else', async () => {
    expect(
      await evaluate({
        sum: '{% $states.input.a + $total %}',
        list: [' {% $total %} ', '{% $states.input.list %}', { deep: '{%$total%}' }],
        'name.$': '$.a',
      }),
    ).toEqual({ sum: 6, list: [' {% $total %} ', [1, 2, 3], { deep: 5 }], 'name.$': '$.a' })
    for (const plain of [null, true, 7, 'text', '$states.input', '{%}']) expect(await evaluate(plain)).toEqual(plain)
  })

  test('that gives nothing is a fault which names the place below the field', async () => {
    expect(await causeOf(evaluate({ a: { b: ['x', '{%  $nothing  %}'] } }))).toBe(
      "The JSONata expression '$nothing' specified for the field 'Output/a/b[1]' returned nothing (undefined).",
    )
    await expect(evaluate({ a: '{% $nothing %}' })).rejects.toMatchObject({ details: { location: 'Output/a' } })
  })

  test('that fails says what JSONata says of it', async () => {
    const cause = (what: string, happened: string) =>
      `The JSONata expression '${what}' specified for the field 'Output' threw an error during evaluation. ${happened}`
    expect(await causeOf(expressionOf('$unknown()'))).toBe(
      cause('$unknown()', 'T1006: Attempted to invoke a non-function'),
    )
    expect(await causeOf(expressionOf('$error("boom")'))).toBe(cause('$error("boom")', 'D3137: boom'))
    expect(await causeOf(expressionOf('"a" + 1'))).toContain(
      'T2001: The left side of the "+" operator must evaluate to a number',
    )
  })

  test('cannot give a function or a number that is none', async () => {
    for (const expression of ['$sum', '{"f": $sum}', '[1, function($x){$x}]', '/a/', '1/0']) {
      expect(await causeOf(expressionOf(expression))).toMatch(/returned an unsupported result type\.$/)
    }
  })

  test('gives plain JSON', async () => {
    expect(await expressionOf('{"a": $states.nothing, "b": [$states.input.list[$ > 1]]}')).toEqual({ b: [2, 3] })
    expect(Object.is(await expressionOf('-0'), 0)).toBe(true)
    expect(await expressionOf('null')).toBeNull()
  })

  test('reaches nothing of the machine it runs on', async () => {
    for (const expression of [
      '$states.input.constructor',
      '$lookup($states.input, "__proto__")',
      '$states.__proto__',
      '$$',
      '$',
    ]) {
      expect(await causeOf(expressionOf(expression))).toContain('returned nothing')
    }
  })

  test('leaves the data as it was, even where data is called like a function', async () => {
    const bindings = { states: states(), variables: { box: { kept: true }, count: { x: 1 } } }
    const before = JSON.stringify(bindings)
    for (const call of [
      '$states.input.inner(1)',
      '$box(1)',
      '$count(1)',
      '$states.input.none(1)',
      'function($f){$f(1)}($box)',
      '$states.input.inner(?, 1)',
    ]) {
      await evaluateJsonata(`{% ${call} %}`, bindings, { location: 'Output' }).catch(() => null)
    }
    await evaluateJsonata('{% $states.input ~> |inner|{"y":2}| %}', bindings, { location: 'Output' })
    expect(JSON.stringify(bindings)).toBe(before)
    expect(await causeOf(expressionOf('$states.input.none(1)'))).toContain('T1006: Attempted to invoke a non-function')
  })
})

describe("AWS's functions", () => {
  test.each<[string, Json]>([
    ['$partition([1,2,3,4], 3)', [[1, 2, 3], [4]]],
    ['$partition([0], 5)', [[0]]],
    ['$range(0, 10, 3)', [0, 3, 6, 9]],
    ['$range(10, 1, -3)', [10, 7, 4, 1]],
    ['$range(1, 9, 9)', 1],
    ['$hash("input data", "SHA-1")', 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    ['$parse("{\\"a\\": [1, null]}")', { a: [1, null] }],
    ['$random(7) = $random(7)', true],
    ['$random() < 1', true],
    ['$length($uuid())', 36],
    ['$type($parse)', 'function'],
  ])('%s gives %j', async (expression, expected) => {
    expect(await expressionOf(expression)).toEqual(expected)
  })

  test('refuse what they cannot do', async () => {
    for (const misuse of [
      '$partition([1], 0)',
      '$range(1, 5, 0)',
      '$range(1, 5000, 1)',
      '$hash("a", "CRC")',
      '$parse("x")',
    ]) {
      expect(await causeOf(expressionOf(misuse))).toContain('threw an error during evaluation')
    }
  })

  test('do not include $eval', async () => {
    expect(await causeOf(expressionOf('$eval("1 + 1")'))).toContain('T1006')
  })

  test('take the time from the clock they are given, one moment for the whole field', async () => {
    let now = 1_000
    const field = { a: '{% $millis() %}', b: '{% $now() %}', c: '{% $now("[Y]-[M01]") %}' }
    expect(await evaluate(field, { now: () => (now += 1_000) })).toEqual({
      a: 2_000,
      b: '1970-01-01T00:00:02.000Z',
      c: '1970-01',
    })
    expect(await evaluate('{% $millis() %}', { now: () => 5 })).toBe(5)
  })
})

describe('an expression that does not come to an end', () => {
  test('is given up in time', async () => {
    const begun = performance.now()
    expect(await causeOf(evaluate('{% ($f := function($x){ $f($x + 1) }; $f(1)) %}', { timeoutMs: 50 }))).toContain(
      'D1012',
    )
    expect(await causeOf(expressionOf('($f := function($x){ 1 + $f($x + 1) }; $f(1))'))).toContain('D1011')
    expect(await causeOf(expressionOf('[1..5000000]'))).toContain('D2015')
    expect(await causeOf(expressionOf('$contains($states.input.long, /^(a+)+$/)'))).toContain(
      'D1012: Evaluation timeout after 250 milliseconds',
    )
    expect(performance.now() - begun).toBeLessThan(2_000)
  })

  test('lets others have their turns until it is', async () => {
    let turns = 0
    let isOver = false
    const count = () => {
      turns += 1
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    await causeOf(evaluate('{% ($f := function($x){ $f($x + 1) }; $f(1)) %}', { timeoutMs: 500 }))
    isOver = true
    expect(turns).toBeGreaterThan(5)
  })

  test('leaves patterns working that are harmless', async () => {
    expect(await expressionOf('$match("ab12cd3", /([a-z]+)([0-9]+)/).groups')).toEqual(['ab', '12', 'cd', '3'])
    expect(await expressionOf('$replace("hello hello", /(l)+/, "L")')).toBe('heLo heLo')
    expect(await expressionOf('$split("a1b22c", /[0-9]+/)')).toEqual(['a', 'b', 'c'])
  })
})

describe('parsing JSONata', () => {
  test('finds errors of syntax, with and without the marks', () => {
    expect(parseJsonata('{% 1 + %}')).toBe('S0207: Unexpected end of expression')
    expect(parseJsonata('(1')).toMatch(/^S0203/)
    expect(parseJsonata('$states.input.x')).toBeNull()
  })
})

test('a result of the wrong type is a fault that shows it', () => {
  expect(resultTypeFault('{% 1 %}', 1, 'array', 'Items')?.cause).toBe(
    "The JSONata expression '1' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'number' for value: 1",
  )
  expect(resultTypeFault('{% x %}', null, 'array', 'Items')?.cause).toContain("but was 'null' for value: null")
  expect(resultTypeFault('{% x %}', [], 'array', 'Items')).toBeNull()
})
