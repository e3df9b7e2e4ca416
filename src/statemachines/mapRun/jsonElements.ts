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
  const parser = keepingMarks(new JSONParser({ paths: [selectorOf(segments)], keepStack: false }))
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

/**
 * The parser decodes each run of characters of a text on its own, and its decoder takes U+FEFF at the beginning of one for a
 * byte order mark, which it drops. It is given one that does not; where it has none any more, this fails at once.
 */
function keepingMarks(parser: JSONParser): JSONParser {
  const { tokenizer } = parser as unknown as {
    tokenizer: { bufferedString: { decoder: InstanceType<typeof TextDecoder> } }
  }
  if (!(tokenizer.bufferedString.decoder instanceof TextDecoder)) throw new TypeError('the parser has no decoder')
  tokenizer.bufferedString.decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return parser
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
