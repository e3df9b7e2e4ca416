const TAG = /<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y
const TEXT = /(?:[^<>&]|&(?:amp|lt|gt|quot|#39);)+/y
// XML 1.0 has no way to write these.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Cs}/u

/** Throws where a text is no well-formed XML of the plain kind that pictures need; the names of its elements and attributes. */
export function assertWellFormedXml(text: string): {
  readonly elements: Set<string>
  readonly attributes: Set<string>
} {
  const elements = new Set<string>()
  const attributes = new Set<string>()
  const open: string[] = []
  const forbidden = FORBIDDEN.exec(text)
  if (forbidden !== null) throw new Error(`a forbidden character at ${forbidden.index}`)
  for (let index = 0; index < text.length; ) {
    TAG.lastIndex = index
    TEXT.lastIndex = index
    const tag = TAG.exec(text)
    if (tag !== null) {
      const [whole, closing, name, written, selfClosing] = tag
      elements.add(name!)
      for (const [, attribute] of written!.matchAll(/([\w:-]+)="/g)) attributes.add(attribute!)
      if (closing === '/') {
        if (open.pop() !== name) throw new Error(`</${name}> closes something else at ${index}`)
      } else if (selfClosing !== '/') open.push(name!)
      index += whole.length
      continue
    }
    const content = TEXT.exec(text)
    if (content === null) throw new Error(`neither a tag nor text at ${index}: ${text.slice(index, index + 60)}`)
    index += content[0].length
  }
  if (open.length > 0) throw new Error(`left open: ${open.join(', ')}`)
  return { elements, attributes }
}
