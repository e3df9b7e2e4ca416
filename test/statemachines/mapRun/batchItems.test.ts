import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Json } from '../../../src/statemachines/data/json.ts'
import { batchItems, type ChildInput } from '../../../src/statemachines/mapRun/batchItems.ts'

const items = fc.array(fc.oneof(fc.string({ maxLength: 40 }), fc.integer(), fc.record({ a: fc.string() })), {
  maxLength: 60,
}) as fc.Arbitrary<Json[]>
const batcher = fc.record({
  maxItems: fc.option(fc.integer({ min: 1, max: 10 })),
  maxInputBytes: fc.option(fc.integer({ min: 1, max: 400 })),
  batchInput: fc.option(fc.constantFrom<Json>({ shared: true }, 'x')),
})

async function batches(all: readonly Json[], by: Parameters<typeof batchItems>[1]): Promise<ChildInput[]> {
  async function* inputs() {
    for (const item of all) yield { value: item, input: item }
  }
  const found: ChildInput[] = []
  for await (const batch of batchItems(inputs(), by)) found.push(batch)
  return found
}

const itemsOf = ({ input }: ChildInput) => (input as { Items: Json[] }).Items
const bytesOf = (value: Json) => Buffer.byteLength(JSON.stringify(value))

it('batches hold every item once and in order, and count from 0', async () => {
  await fc.assert(
    fc.asyncProperty(items, batcher, async (all, by) => {
      const found = await batches(all, by)
      expect(found.flatMap(itemsOf)).toEqual(all)
      expect(found.map(({ index }) => index)).toEqual(found.map((_, index) => index))
      expect(found.every((batch) => itemsOf(batch).length > 0)).toBe(true)
    }),
  )
})

it('a batch has no more items and bytes than are asked for, but for one that is too large by itself', async () => {
  await fc.assert(
    fc.asyncProperty(items, batcher, async (all, by) => {
      for (const batch of await batches(all, by)) {
        const { length } = itemsOf(batch)
        expect(length).toBeLessThanOrEqual(by.maxItems ?? Number.POSITIVE_INFINITY)
        if (length > 1) expect(bytesOf(batch.input)).toBeLessThanOrEqual(by.maxInputBytes ?? 262_144)
      }
    }),
  )
})

it('a batch is as large as it may be: the first item of the next one would not have fitted', async () => {
  await fc.assert(
    fc.asyncProperty(items, batcher, async (all, by) => {
      const found = await batches(all, by)
      for (const [at, batch] of found.slice(0, -1).entries()) {
        const more = { ...(batch.input as object), Items: [...itemsOf(batch), itemsOf(found[at + 1]!)[0]!] }
        const isFull = itemsOf(batch).length === by.maxItems || bytesOf(more) > (by.maxInputBytes ?? 262_144)
        expect(isFull).toBe(true)
      }
    }),
  )
})

it('without a batcher each item is an input by itself', async () => {
  expect(await batches([1, 'a'], null)).toEqual([
    { index: 0, value: 1, input: 1 },
    { index: 1, value: 'a', input: 'a' },
  ])
})
