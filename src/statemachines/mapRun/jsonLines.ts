import type { Json } from '../data/json.ts'
import { LARGEST_ITEM_BYTES, MalformedItems, messageOf } from './malformedItems.ts'

const LINE_END = 0x0a

/** The values of JSON Lines; lines that are empty are none. https://jsonlines.org */
export async function* jsonLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Json, void, void> {
  let number = 1
  let begun: Uint8Array[] = []
  let begunBytes = 0
  const take = (end: Uint8Array): Json | undefined => {
    const text = Buffer.concat([...begun, end]).toString()
    begun = []
    begunBytes = 0
    return parsedLine(number === 1 ? text.replace(/^\uFEFF/, '') : text, number)
  }
  for await (const chunk of bytes) {
    let from = 0
    for (let end = chunk.indexOf(LINE_END); end !== -1; end = chunk.indexOf(LINE_END, from)) {
      refuseLonger(begunBytes + end - from, number)
      const value = take(chunk.subarray(from, end))
      if (value !== undefined) yield value
      number += 1
      from = end + 1
    }
    begun.push(chunk.subarray(from))
    begunBytes += chunk.length - from
    refuseLonger(begunBytes, number)
  }
  const last = take(new Uint8Array())
  if (last !== undefined) yield last
}

function refuseLonger(bytes: number, number: number): void {
  if (bytes > LARGEST_ITEM_BYTES) throw new MalformedItems(`Line ${number} is longer than ${LARGEST_ITEM_BYTES} bytes.`)
}

function parsedLine(line: string, number: number): Json | undefined {
  if (line.trim() === '') return undefined
  try {
    return JSON.parse(line) as Json
  } catch (error) {
    throw new MalformedItems(`Line ${number} is no JSON: ${messageOf(error)}`)
  }
}
