import { JSONParser } from '@streamparser/json'
import type { Json } from '../data/json.ts'
import { createJsonPlace } from './jsonPlace.ts'
import { LARGEST_ITEM_BYTES, MalformedItems, messageOf } from './malformedItems.ts'

/**
 * The elements of the array that `pointer` (RFC 6901) names, or, where it names an object, its members as
 * `{ key, value }`. `''` names the whole document. What stands around it is read over and not kept.
 */
export async function* jsonElements(
  bytes: AsyncIterable<Uint8Array>,
  pointer: string,
): AsyncGenerator<Json, void, void> {
  const segments = segmentsOf(pointer)
  const parser = new JSONParser({ paths: [selectorOf(segments)], keepStack: false })
  const place = createJsonPlace(segments)
  let ready: Json[] = []
  let unfinishedBytes = 0
  parser.onToken = ({ token, value }) => {
    place.see(token, value)
    unfinishedBytes = place.isWithinElement() ? unfinishedBytes : 0
  }
  parser.onValue = ({ value, key }) => {
    if (!place.isInContainer()) return
    ready.push(typeof key === 'number' ? (value as Json) : { key: String(key), value: value as Json })
    unfinishedBytes = 0
  }
  const parse = (step: () => void) => {
    try {
      step()
    } catch (error) {
      throw new MalformedItems(`The object is not the JSON that it should be: ${messageOf(error)}`)
    }
  }
  for await (const chunk of bytes) {
    parse(() => parser.write(chunk))
    yield* ready
    ready = []
    // Counted by chunks: what one chunk brings may be a part of the element before.
    unfinishedBytes += chunk.length
    if (unfinishedBytes > LARGEST_ITEM_BYTES) {
      throw new MalformedItems(`An item is longer than ${LARGEST_ITEM_BYTES} bytes.`)
    }
  }
  if (!parser.isEnded) parse(() => parser.end())
  yield* ready
  if (place.found() === 'NOTHING') throw new MalformedItems(`The object has nothing at '${pointer}'.`)
  if (place.found() === 'SCALAR') throw new MalformedItems('Attempting to map over non-iterable node.')
}

function segmentsOf(pointer: string): string[] {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) throw new MalformedItems(`ItemsPointer '${pointer}' is no JSON pointer.`)
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** What the parser is to build: names that its selectors cannot say are any name to it, and told apart afterwards. */
function selectorOf(segments: readonly string[]): string {
  return ['$', ...segments.map((segment) => (/^[^.*]+$/.test(segment) ? segment : '*')), '*'].join('.')
}
