import { type Json, memberOf } from '../data/json.ts'
import { csvRows } from './csvRows.ts'
import { jsonElements } from './jsonElements.ts'
import { jsonLines } from './jsonLines.ts'
import { MalformedItems } from './malformedItems.ts'

export { MalformedItems }

/**
 * The items of an object in S3, one after the other, in memory that does not grow with it: the elements of a JSON array
 * (of an object, its members as `{ key, value }`), the lines of JSON Lines, or the rows of CSV as objects of texts.
 * Throws MalformedItems; an error of the bytes' source passes through as it is. Who stops early closes the source.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
export function parseItems(bytes: AsyncIterable<Uint8Array>, config: Json): AsyncGenerator<Json, void, void> {
  const type = memberOf(config, 'InputType') ?? 'JSON'
  switch (type) {
    case 'CSV':
      return csvRows(bytes, config)
    case 'JSONL':
      return jsonLines(bytes)
    case 'JSON': {
      const pointer = memberOf(config, 'ItemsPointer')
      return jsonElements(bytes, typeof pointer === 'string' ? pointer : '')
    }
    default:
      throw new MalformedItems(`There is no reader for InputType ${JSON.stringify(type)}.`)
  }
}
