import { PathSyntaxError } from './pathSyntax.ts'

/** The place after the bracket that closes the one at `at`, past quoted text and, if asked, patterns between slashes. */
export function afterClosing(text: string, at: number, options: { hasPatterns?: boolean } = {}): number {
  const open = text[at]!
  const close = open === '(' ? ')' : open === '[' ? ']' : '}'
  let depth = 0
  for (let place = at; place < text.length; place += 1) {
    const character = text[place]!
    const isDelimiter = character === "'" || character === '"' || (character === '/' && options.hasPatterns === true)
    if (isDelimiter) place = closingOf(text, place)
    else if (character === open) depth += 1
    else if (character === close) {
      depth -= 1
      if (depth === 0) return place + 1
    }
  }
  throw new PathSyntaxError(`No closing '${close}' for the '${open}' at ${at}`)
}

/** The place of the delimiter that closes the one at `at`; a backslash takes the next character along. */
export function closingOf(text: string, at: number): number {
  const delimiter = text[at]!
  for (let place = at + 1; place < text.length; place += 1) {
    if (text[place] === '\\') place += 1
    else if (text[place] === delimiter) return place
  }
  throw new PathSyntaxError(`No closing ${delimiter} for the one at ${at}`)
}

/** The first place from `at` on that is not blank. */
export function afterBlanks(text: string, at: number): number {
  let place = at
  while (text[place] === ' ') place += 1
  return place
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** Quoted text without its escapes, as Java writes them. */
export function unescapeText(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code?: string, character?: string) =>
    code === undefined ? (ESCAPES[character!] ?? character!) : String.fromCharCode(Number.parseInt(code, 16)),
  )
}
