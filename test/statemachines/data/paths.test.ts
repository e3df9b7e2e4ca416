import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StateFault } from '../../../src/statemachines/data/fault.ts'
import type { Json } from '../../../src/statemachines/data/json.ts'
import { evaluatePath, readPath } from '../../../src/statemachines/data/paths/evaluatePath.ts'
import { parsePath } from '../../../src/statemachines/data/paths/parsePath.ts'
import { isReferencePath, setAtReferencePath } from '../../../src/statemachines/data/paths/referencePath.ts'

interface JaywayCase {
  readonly path: string
  readonly document: string
  readonly value?: Json
  readonly missing?: string
  readonly invalid?: true
  readonly fails?: true
}

const jayway: { documents: Record<string, Json>; cases: JaywayCase[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/asl/jayway-paths.json', import.meta.url), 'utf8'),
)

/** Where Jayway's answer is a slip of its own, or belongs to something else here. */
const DIFFERENT: Readonly<Record<string, string>> = {
  $store: 'a variable',
  '$..*.key': 'Jayway loses what stands in lists below a wildcard',
  "$.store.book[?(@.tags all ['a'])].title": 'its ALL never holds',
  '$[?(@.l all [2])]': 'its ALL never holds',
  "$[?(@.k type 'x' )]": 'no JSON type is named so',
  '$[?(@.k == 1.0)]': 'JSON numbers have no decimals to compare with a text',
  '$.store.book.last().title': 'it forgets the value that last() gave',
  '$..book.first().title': 'it forgets the value that first() gave',
  '$..book.first()': 'it cannot apply first() to several lists',
  '$.length($.store.book)': 'its length() adds a wildcard to each path once more on each call',
}

const scope = (input: Json) => ({
  input,
  context: { Execution: { Id: 'arn', Input: input } },
  variables: { list: [1, 2], ünï: 'x' } as Record<string, Json>,
})

describe('a path', () => {
  test.each(jayway.cases.filter(({ path }) => DIFFERENT[path] === undefined))(
    'gives what it gives in Jayway: $path in $document',
    (known) => {
      const document = jayway.documents[known.document]!
      if (known.invalid) {
        expect(parsePath(known.path)).toBeNull()
        return
      }
      const reading = readPath(known.path, scope(document))
      if (known.value !== undefined) expect(reading).toEqual({ isFound: true, value: known.value })
      // What Jayway breaks off with an exception is nothing, or an empty list, on AWS.
      else if (reading.isFound) expect(reading.value).toEqual([])
    },
  )

  test('that is missing says why in the words of Jayway', () => {
    const worded = jayway.cases.filter(
      ({ missing }) => missing !== undefined && /^(No results|Missing property)/.test(missing),
    )
    expect(worded.length).toBeGreaterThan(10)
    for (const { path, document, missing } of worded) {
      if (DIFFERENT[path] !== undefined) continue
      expect(readPath(path, scope(jayway.documents[document]!))).toEqual({ isFound: false, reason: missing })
    }
  })

  test('begins at the input, the context object or a variable', () => {
    expect(evaluatePath('$', scope({ a: 1 }))).toEqual({ a: 1 })
    expect(evaluatePath('$$.Execution.Input.a', scope({ a: 1 }))).toBe(1)
    expect(evaluatePath('$list[1]', scope(null))).toBe(2)
    expect(evaluatePath('$ünï', scope(null))).toBe('x')
  })

  test('that is definite and leads nowhere is a States.Runtime that names it', () => {
    const attempt = () => evaluatePath('$.a.b', scope({}))
    expect(attempt).toThrow(StateFault)
    expect(attempt).toThrow("States.Runtime: Invalid path '$.a.b' : Missing property in path $['a']")
    expect(() => evaluatePath('$a.b', scope({}))).toThrow("Invalid path '$a.b'")
  })

  test('into no input at all is a States.Runtime that says so', () => {
    expect(() => evaluatePath('$.a', scope(null))).toThrow(
      'Unable to apply Path transformation to null or empty input.',
    )
    expect(evaluatePath('$', scope(null))).toBeNull()
  })

  test('that is indefinite and leads nowhere gives an empty list', () => {
    for (const path of ['$.item.items[*]', '$.items[1:].x', '$[*]', '$..x', '$.items[?(@.a == 1)]']) {
      expect(evaluatePath(path, scope({}))).toEqual([])
    }
  })

  test('sees only what documents hold themselves', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(readPath(`$.${name}`, scope({}))).toMatchObject({ isFound: false })
      expect(readPath(`$${name}`, scope({}))).toMatchObject({ isFound: false })
    }
    expect(evaluatePath('$.__proto__', scope(JSON.parse('{"__proto__":1}')))).toBe(1)
  })

  test('never makes the parser throw, whatever its text', () => {
    const piece = fc.constantFrom(...'$@.[]()?*:,\'"/ab01-=<>!&|{} \\'.split(''), '..', '[?(@.a', '== 1)]', 'length()')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const path = `$${pieces.join('')}`
        if (parsePath(path) !== null) readPath(path, scope({ a: [{ b: 1 }], b: 'x' }))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a reference path', () => {
  test('has names and indexes only', () => {
    for (const path of ['$', '$.a.b', "$['a b'][0].c", '$$.Execution.Id', '$list[0]'])
      expect(isReferencePath(path)).toBe(true)
    for (const path of [
      '$.a[*]',
      '$..a',
      '$.a[0:1]',
      '$.a[-1]',
      "$['a','b']",
      '$.a[?(@.b)]',
      '$.a.length()',
      'a',
      '',
    ]) {
      expect(isReferencePath(path)).toBe(false)
    }
  })

  test('takes a value, making the objects on its way', () => {
    expect(setAtReferencePath({ a: 1 }, '$.b.c', 2)).toEqual({ a: 1, b: { c: 2 } })
    expect(setAtReferencePath({ a: [1, { x: 1 }] }, '$.a[1].y', 2)).toEqual({ a: [1, { x: 1, y: 2 }] })
    expect(setAtReferencePath({ a: 1 }, '$', 'all')).toBe('all')
    expect(Object.keys(setAtReferencePath({}, "$['__proto__']", { x: 1 }) as object)).toEqual(['__proto__'])
  })

  test('refuses what is neither an object nor a list with that item', () => {
    expect(() => setAtReferencePath('text', '$.a', 1)).toThrow('Unable to apply ReferencePath $.a to input "text"')
    for (const path of ['$.a.b', '$.l[2]', '$.l.x', '$.n.x', '$.none[0]', '$..a']) {
      expect(() => setAtReferencePath({ a: 1, l: [1, 2], n: null }, path, 1)).toThrow(StateFault)
    }
  })

  test('gives back what was put at it, and leaves the document and everything else as they were', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'c d', "it's", '__proto__', '0'), { minLength: 1, maxLength: 4 })
    const document = fc.dictionary(
      fc.constantFrom('a', 'b', 'x'),
      fc.dictionary(fc.constantFrom('a', 'b'), fc.object({ maxDepth: 0 })),
    )
    fc.assert(
      fc.property(document, names, fc.jsonValue(), (before, steps, value) => {
        const path = `$${steps.map((name) => `['${name.replaceAll("'", "\\'")}']`).join('')}`
        const text = JSON.stringify(before)
        let after: Json
        try {
          after = setAtReferencePath(JSON.parse(text), path, value as Json)
        } catch (error) {
          expect(error).toBeInstanceOf(StateFault)
          return
        }
        expect(evaluatePath(path, scope(after))).toEqual(value)
        expect(JSON.stringify(before)).toBe(text)
        for (const key of Object.keys(before))
          if (key !== steps[0]) expect((after as Record<string, Json>)[key]).toEqual(JSON.parse(text)[key])
      }),
    )
  })
})
