import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Stock } from '../src/stock.ts'

const SIZE = 3

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A stock of numbers, made one after the other, with what became of them. */
function numbers() {
  const made: number[] = []
  const discarded: number[] = []
  const errors: unknown[] = []
  const state = { failure: null as Error | null, oldest: 0 }
  const stock = new Stock<number>({
    size: SIZE,
    async make() {
      if (state.failure !== null) throw state.failure
      made.push(made.length)
      return made.length - 1
    },
    isFresh: (number) => number >= state.oldest,
    discard: (number) => void discarded.push(number),
    onError: (error) => void errors.push(error),
  })
  return { stock, state, made, discarded, errors }
}

/** Lets it fill itself: it waits a moment before it begins. */
const untilFilled = () => vi.advanceTimersByTimeAsync(1_000)

describe('a stock', () => {
  it('makes nothing before somebody takes one, who gets a new one; then it fills itself', async () => {
    const { stock, made } = numbers()
    await untilFilled()
    expect(made).toEqual([])
    expect(await stock.take()).toBe(0)
    expect(made).toEqual([0])
    await untilFilled()
    expect(made).toHaveLength(1 + SIZE)
  })

  it('hands each out once, the oldest first, and replaces them', async () => {
    const { stock, made } = numbers()
    stock.refill()
    await untilFilled()
    expect([await stock.take(), await stock.take(), await stock.take(), await stock.take()]).toEqual([0, 1, 2, 3])
    await untilFilled()
    expect(made).toHaveLength(4 + SIZE)
  })

  it('hands out none that is stale, and discards those that it comes upon', async () => {
    const { stock, state, discarded } = numbers()
    stock.refill()
    await untilFilled()
    state.oldest = 2
    expect(await stock.take()).toBe(2)
    expect(discarded).toEqual([0, 1])
  })

  it('discards what is dropped as long as it has it, and makes another one with the next take', async () => {
    const { stock, made, discarded } = numbers()
    stock.refill()
    await untilFilled()
    stock.drop(1)
    stock.drop(1)
    const taken = await stock.take()
    stock.drop(taken)
    expect([taken, discarded]).toEqual([0, [1]])
    await untilFilled()
    expect(made).toHaveLength(2 + SIZE)
  })

  it('tells who waits why none can be made, tells of the others elsewhere, and tries again with the next', async () => {
    const { stock, state, errors } = numbers()
    state.failure = new Error('no more')
    await expect(stock.take()).rejects.toThrow('no more')
    await untilFilled()
    expect(errors).toEqual([state.failure])
    state.failure = null
    expect(await stock.take()).toBe(0)
  })

  it('discards all when it stops, and what is still being made', async () => {
    const { stock, made, discarded, errors } = numbers()
    stock.refill()
    await untilFilled()
    const adding = stock.add()
    stock.stop()
    await adding
    stock.refill()
    await untilFilled()
    expect(discarded.toSorted()).toEqual([0, 1, 2, 3])
    expect([made.length, errors]).toEqual([4, []])
  })
})
