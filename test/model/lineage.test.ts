import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hopsOf, readLineage, traceHeaderOf } from '../../src/model/lineage.ts'

const REQUEST = '0193a5b0-0000-7000-8000-00000000002a'

function chain(functionIds: readonly string[]): string {
  return functionIds.reduce<string | null>((header, id) => traceHeaderOf(header, REQUEST, id), null)!
}

describe('the lineage in a trace header', () => {
  it('counts how often a chain has come to each function, in any order of at most 32 functions', () => {
    const ids = fc.array(fc.integer({ min: 1, max: 32 }).map(String), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(ids, (functionIds) => {
        const lineage = readLineage(chain(functionIds))
        for (const id of new Set(functionIds)) {
          expect(hopsOf(lineage, id)).toBe(functionIds.filter((other) => other === id).length)
        }
      }),
    )
  })

  it('does not grow without end: of more than 32 functions those that came least often are forgotten', () => {
    const many = Array.from({ length: 500 }, (_, index) => String(index))
    const header = chain(['looping', 'looping', ...many])
    expect(header.length).toBeLessThan(600)
    expect(hopsOf(readLineage(header), 'looping')).toBe(2)
  })

  it('keeps the root of the trace that the caller passed on, and makes one of the request id otherwise', () => {
    const root = 'Root=1-5759e988-bd862e3fe1be46a994272793'
    expect(traceHeaderOf(`${root};Parent=53995c3f42cd8ad8;Sampled=1`, REQUEST, 'f')).toMatch(new RegExp(`^${root};`))
    expect(traceHeaderOf(null, REQUEST, 'f')).toMatch(
      /^Root=1-0193a5b0-00007000800000000000002a;Parent=800000000000002a;/,
    )
  })

  it.each(['', 'Lineage=', 'Lineage=x:1|zzzzzzzz:2', 'Lineage=0123abcd:-1', 'a'.repeat(10_000), 'Root=evil\r\nX: 1'])(
    'is empty where a header is malformed: %j',
    (header) => {
      expect(readLineage(header)).toEqual(new Map())
      expect(traceHeaderOf(header, REQUEST, 'f')).toMatch(
        /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=[0-9a-f]{8}:1$/,
      )
    },
  )
})
