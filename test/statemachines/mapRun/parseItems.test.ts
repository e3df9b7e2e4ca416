import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Json } from '../../../src/statemachines/data/json.ts'
import { MalformedItems, parseItems } from '../../../src/statemachines/mapRun/parseItems.ts'

/** The bytes of a text, cut anywhere: also within a character. */
function cut(text: string, sizes: readonly number[]): Readable {
  const bytes = Buffer.from(text)
  const chunks: Buffer[] = []
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes.length === 0 ? bytes.length : sizes[index % sizes.length]!
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return Readable.from(chunks)
}

async function parsed(text: string, sizes: readonly number[], config: Json): Promise<Json[]> {
  const found: Json[] = []
  for await (const item of parseItems(cut(text, sizes), config)) found.push(item)
  return found
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
// What JSON.stringify writes as it is read: -0 is 0 there.
const values = fc.array(fc.jsonValue({ noUnicodeString: false }), { maxLength: 8 }).map((list) => {
  return JSON.parse(JSON.stringify(list)) as Json[]
})

it('the elements of a JSON array come wherever its bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(values, sizes, async (list, by) => {
      expect(await parsed(JSON.stringify(list), by, { InputType: 'JSON' })).toEqual(list)
    }),
  )
})

it('ItemsPointer names the items wherever they stand, and what stands around them is no item', async () => {
  const name = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('a.b', '*', '', '/', '~', '0', '__proto__'))
  await fc.assert(
    fc.asyncProperty(values, fc.array(name, { maxLength: 3 }), sizes, async (list, names, by) => {
      // The text around is written by hand: objects of JavaScript know `__proto__` as something else.
      const text = names.reduceRight(
        (inner, key) => `{"before this":[{"x":[1]},2],${JSON.stringify(key)}:${inner},"after it":{"y":{"z":3}}}`,
        JSON.stringify(list),
      )
      const ItemsPointer = names.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
      expect(await parsed(text, by, { InputType: 'JSON', ItemsPointer })).toEqual(list)
    }),
  )
})

it('a byte order mark before JSON is none of it, and within its texts one is a character like any other', async () => {
  const mark = fc
    .array(fc.constantFrom('\uFEFF', 'a', '\u00e4', '\u{1f600}', '"'), { maxLength: 5 })
    .map((all) => all.join(''))
  await fc.assert(
    fc.asyncProperty(fc.array(mark, { maxLength: 4 }), fc.boolean(), sizes, async (list, isMarked, by) => {
      const text = (isMarked ? '\uFEFF' : '') + JSON.stringify(list)
      expect(await parsed(text, by, { InputType: 'JSON' })).toEqual(list)
    }),
  )
  await expect(parsed('[1\uFEFF]', [9], { InputType: 'JSON' })).rejects.toThrow(MalformedItems)
})

it('ItemsPointer goes through arrays by index, and to objects', async () => {
  const text = '[{"a":[1]},{"a":{"x":2,"y":[3]}}]'
  expect(await parsed(text, [2], { ItemsPointer: '/1/a' })).toEqual([
    { key: 'x', value: 2 },
    { key: 'y', value: [3] },
  ])
})

it('the members of a JSON object come as key and value', async () => {
  expect(await parsed('{"a":1,"b":[2]}', [3], {})).toEqual([
    { key: 'a', value: 1 },
    { key: 'b', value: [2] },
  ])
})

it('lines of JSON Lines come wherever their bytes are cut, with either line end', async () => {
  await fc.assert(
    fc.asyncProperty(values, sizes, fc.constantFrom('\n', '\r\n'), async (list, by, end) => {
      const text = list.map((value) => JSON.stringify(value) + end).join('')
      expect(await parsed(text, by, { InputType: 'JSONL' })).toEqual(list)
    }),
  )
})

it('rows of CSV keep quotes, commas and line ends within fields', async () => {
  const field = fc.string({ maxLength: 8 }).map((text) => text.replaceAll('\0', ''))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(field, field), { maxLength: 6 }), sizes, async (rows, by) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
      const text = ['"k","v"', ...rows.map((row) => row.map(quoted).join(','))].join('\r\n')
      const config = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }
      expect(await parsed(text, by, config)).toEqual(rows.map(([k, v]) => ({ k, v })))
    }),
  )
})

it.each([
  ['[1,2', { InputType: 'JSON' }],
  ['{"a":1}\n{"b":', { InputType: 'JSONL' }],
  ['k\n"a', { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }],
  ['', { InputType: 'PARQUET' }],
  ['', { InputType: 'JSON' }],
  ['42', { InputType: 'JSON' }],
  ['{"a":{"b":1}}', { InputType: 'JSON', ItemsPointer: '/a/c' }],
  ['{"a":{"b":1}}', { InputType: 'JSON', ItemsPointer: '/a/b' }],
  ['{"a":[1]}', { InputType: 'JSON', ItemsPointer: 'a' }],
])('%j is malformed as %j', async (text, config) => {
  await expect(async () => parsed(text, [], config)).rejects.toThrow(MalformedItems)
})

const MIB = 1024 * 1024

/** Bytes without an end, which tell how many of them were taken. */
function endless(beginning: string, filler: string) {
  const taken = { bytes: 0, isClosed: false }
  async function* bytes() {
    try {
      yield Buffer.from(beginning)
      const chunk = Buffer.alloc(64 * 1024, filler)
      for (;;) {
        taken.bytes += chunk.length
        yield chunk
      }
    } finally {
      taken.isClosed = true
    }
  }
  return { taken, bytes: bytes() }
}

it.each([
  ['a line', { InputType: 'JSONL' }, '"', 'x'],
  ['a quote of CSV', { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, 'k\n"', 'x'],
  ['a text of JSON', { InputType: 'JSON' }, '["', 'x'],
  ['an element of JSON', { InputType: 'JSON' }, '[[1', ',1'],
])('%s that never ends is refused before it fills the memory', async (_what, config, beginning, filler) => {
  const { taken, bytes } = endless(beginning, filler)
  await expect(async () => {
    for await (const _item of parseItems(bytes, config));
  }).rejects.toThrow(MalformedItems)
  expect(taken.bytes).toBeLessThan(10 * MIB)
  expect(taken.isClosed).toBe(true)
})

it('what ItemsPointer passes over may be larger than an item', async () => {
  const text = `{"before":[${'1,'.repeat(5 * MIB)}1],"items":[1]}`
  expect(await parsed(text, [MIB], { ItemsPointer: '/items' })).toEqual([1])
})

it.each([
  [{ InputType: 'JSONL' }, '', '1\n'],
  [{ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, 'k\n', '1\n'],
  [{ InputType: 'JSON' }, '[1', ',1'],
])('who stops early as %j closes the source', async (config, beginning, filler) => {
  const { taken, bytes } = endless(beginning, filler)
  for await (const _item of parseItems(bytes, config)) break
  await expect.poll(() => taken.isClosed).toBe(true)
  expect(taken.bytes).toBeLessThan(2 * MIB)
})

it.each(['JSONL', 'CSV', 'JSON'])('an error of the source is not taken for malformed %s', async (InputType) => {
  async function* bytes() {
    yield Buffer.from(InputType === 'JSON' ? '[1,' : '1\n')
    throw new Error('the line is cut')
  }
  await expect(async () => {
    for await (const _item of parseItems(bytes(), { InputType }));
  }).rejects.toThrow(/^the line is cut$/)
})
