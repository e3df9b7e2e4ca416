import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connectionOf, nameCursors, numberCursors, pageRequest } from '../../src/api/connection.ts'

describe('a cursor', () => {
  it('leads back to its key, and means nothing in another connection', () => {
    const names = nameCursors('functions')
    const numbers = numberCursors('versions')
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'grapheme' }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        (name, number) => {
          expect(names.decode(names.encode(name))).toBe(name)
          expect(nameCursors('aliases').decode(names.encode(name))).toBeNull()
          expect(numbers.decode(numbers.encode(number))).toBe(number)
        },
      ),
    )
    fc.assert(fc.property(fc.string(), (text) => numbers.decode(text) === null))
    for (const text of ['0', '01', '-1', '1.5', '2147483648', '9'.repeat(40)]) {
      expect(numbers.decode(nameCursors('versions').encode(text))).toBeNull()
    }
  })
})

describe('a page', () => {
  const cursors = nameCursors('functions')

  it('has 50 items from the beginning unless something else is asked for', () => {
    expect(pageRequest({}, cursors)).toEqual({ first: 50, after: null })
    expect(pageRequest({ first: null, after: null }, cursors)).toEqual({ first: 50, after: null })
    expect(pageRequest({ first: 100, after: '' }, cursors)).toEqual({ first: 100, after: null })
    expect(pageRequest({ first: 1, after: cursors.encode('x') }, cursors)).toEqual({ first: 1, after: 'x' })
  })

  it('has 1 to 100 items, and begins behind one of its own cursors', () => {
    for (const first of [0, -1, 101]) {
      expect(() => pageRequest({ first }, cursors)).toThrow(expect.objectContaining({ field: ['first'] }))
    }
    expect(() => pageRequest({ after: 'x' }, cursors)).toThrow(expect.objectContaining({ field: ['after'] }))
  })

  it('is a Relay connection', () => {
    expect(connectionOf({ items: ['a', 'b'], hasNextPage: true }, (item) => `c${item}`)).toEqual({
      edges: [
        { cursor: 'ca', node: 'a' },
        { cursor: 'cb', node: 'b' },
      ],
      nodes: ['a', 'b'],
      pageInfo: { hasNextPage: true, startCursor: 'ca', endCursor: 'cb' },
    })
    const { pageInfo } = connectionOf({ items: [], hasNextPage: false }, String)
    expect(pageInfo).toEqual({ hasNextPage: false, startCursor: null, endCursor: null })
  })
})
