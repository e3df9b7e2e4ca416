import { describe, expect, it } from 'vitest'
import { createJointReads } from '../../src/db/jointReads.ts'

/** Reads that the test lets end one after the other. */
function heldReads(largest = 100) {
  const begun: { readonly questions: readonly string[]; end(): void; fail(): void }[] = []
  const reads = createJointReads<string, string>({
    keyOf: (question) => question,
    largest,
    read: (questions) =>
      new Promise((resolve, reject) => {
        begun.push({
          questions,
          end: () => resolve(questions.map((question) => `${question} by read ${begun.length}`)),
          fail: () => reject(new Error('the database is away')),
        })
      }),
  })
  return { reads, begun }
}

const turn = () => new Promise(setImmediate)

describe('joint reads', () => {
  it('answer what is asked in one turn by one read, and the same question once', async () => {
    const { reads, begun } = heldReads()
    const answers = Promise.all(['a', 'b', 'a'].map(reads.ask))
    await turn()
    expect(begun.map(({ questions }) => questions)).toEqual([['a', 'b']])
    begun[0]!.end()
    expect(await answers).toEqual(['a by read 1', 'b by read 1', 'a by read 1'])
  })

  it('never answer by a read that began before the question was asked', async () => {
    const { reads, begun } = heldReads()
    const first = reads.ask('a')
    await turn()
    const later = [reads.ask('a'), reads.ask('b')]
    begun[0]!.end()
    expect(await first).toBe('a by read 1')
    await turn()
    expect(begun[1]!.questions).toEqual(['a', 'b'])
    begun[1]!.end()
    expect(await Promise.all(later)).toEqual(['a by read 2', 'b by read 2'])
  })

  it('fail for those alone whom the failed read would have answered', async () => {
    const { reads, begun } = heldReads()
    const first = reads.ask('a')
    await turn()
    const second = reads.ask('b')
    begun[0]!.fail()
    await expect(first).rejects.toThrow('the database is away')
    await turn()
    begun[1]!.end()
    expect(await second).toBe('b by read 2')
  })

  it('leave what is too much for one read to the next', async () => {
    const { reads, begun } = heldReads(2)
    const answers = Promise.all(['a', 'b', 'c'].map(reads.ask))
    await turn()
    begun[0]!.end()
    await turn()
    expect(begun.map(({ questions }) => questions)).toEqual([['a', 'b'], ['c']])
    begun[1]!.end()
    expect(await answers).toEqual(['a by read 1', 'b by read 1', 'c by read 2'])
  })

  it('begin anew after a pause', async () => {
    const { reads, begun } = heldReads()
    const first = reads.ask('a')
    await turn()
    begun[0]!.end()
    await first
    await turn()
    const again = reads.ask('a')
    await turn()
    begun[1]!.end()
    expect(await again).toBe('a by read 2')
  })
})
