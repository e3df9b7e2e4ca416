import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineSplitter, LONGEST_LINE_BYTES, lineTexts } from '../../../src/environments/protocol/lineSplitter.ts'

function linesOf(chunks: readonly Buffer[]): string[] {
  const splitter = new LineSplitter()
  const lines = chunks.flatMap((chunk) => splitter.push(chunk))
  const rest = splitter.flush()
  return (rest === null ? lines : [...lines, rest]).map((line) => line.toString('utf8'))
}

const text = fc.string({ unit: fc.constantFrom('a', 'ü', '😀', '\r', '\n', ' '), maxLength: 200 })

describe('lines of a stream', () => {
  it('are the same however its bytes are cut, in the middle of a character too', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 20 }), (written, places) => {
        const bytes = Buffer.from(written)
        const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
        const expected = written.split('\n')
        if (expected.at(-1) === '') expected.pop()
        expect(linesOf(chunks)).toEqual(expected)
      }),
    )
  })

  it('end with \\n only: another\\rline stays one (recorded fact 93)', () => {
    expect(linesOf([Buffer.from('another\rline\nnext\r\n')])).toEqual(['another\rline', 'next\r'])
  })

  it('that never end come out in pieces, of which none is held for long', () => {
    const splitter = new LineSplitter()
    const chunk = Buffer.alloc(64 * 1024, 'x')
    let sizeBytes = 0
    for (let count = 0; count < 64; count++) for (const line of splitter.push(chunk)) sizeBytes += line.length
    const heldBytes = splitter.flush()!.length
    expect(sizeBytes + heldBytes).toBe(64 * chunk.length)
    expect(heldBytes).toBeLessThanOrEqual(LONGEST_LINE_BYTES)
  })
})

describe('the text of a line', () => {
  it('is in pieces of at most 256 KiB that are cut between characters', () => {
    fc.assert(
      fc.property(fc.nat({ max: 8 }), fc.constantFrom('ü', '€', '😀'), (shift, character) => {
        const line = 'x'.repeat(shift) + character.repeat(200_000)
        const pieces = lineTexts(Buffer.from(line))
        expect(pieces.join('')).toBe(line)
        for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(LONGEST_LINE_BYTES)
      }),
      { numRuns: 20 },
    )
  })

  it('of bytes that are no characters is still bounded', () => {
    const pieces = lineTexts(Buffer.alloc(LONGEST_LINE_BYTES * 2, 0x80))
    expect(pieces).toHaveLength(2)
  })

  it('that is empty is one empty piece', () => {
    expect(lineTexts(Buffer.alloc(0))).toEqual([''])
  })
})
