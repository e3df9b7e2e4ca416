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
])('%j is malformed as %j', async (text, config) => {
  await expect(async () => parsed(text, [], config)).rejects.toThrow(MalformedItems)
})
