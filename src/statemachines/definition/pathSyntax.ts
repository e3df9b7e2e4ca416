/**
 * Whether texts are paths and intrinsic functions as AWS writes them; nothing is evaluated here.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html and
 * https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */

const ROOT = /^\$(?:\$|[\p{L}_][\p{L}\p{N}_]*)?/u
const NAME = /^[^\s.[\]()'",*?@$:]+/u
const SLICE = /^\[\s*-?\d*\s*:\s*-?\d*\s*(?::\s*-?\d*\s*)?\]/
const INDEXES = /^\[\s*-?\d+\s*(?:,\s*-?\d+\s*)*\]/
const QUOTED = String.raw`(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")`
const QUOTED_NAMES = new RegExp(String.raw`^\[\s*${QUOTED}\s*(?:,\s*${QUOTED}\s*)*\]`, 's')
const WILDCARD = /^\[\s*\*\s*\]/
const FUNCTION = /^\.(?:length|size|min|max|avg|sum|stddev|keys|first|last|index|append|concat)\([^()]*\)$/

type Segment = 'definite' | 'indefinite'

/** The kinds of a path's steps, or null where it is no path. */
function segmentsOf(path: string): Segment[] | null {
  const root = ROOT.exec(path)
  if (root === null) return null
  const segments: Segment[] = []
  let rest = path.slice(root[0].length)
  while (rest.length > 0) {
    const [kind, length] = nextSegment(rest)
    if (kind === null) return null
    segments.push(kind)
    rest = rest.slice(length)
  }
  return segments
}

function nextSegment(rest: string): [Segment | null, number] {
  const call = FUNCTION.exec(rest)
  if (call !== null) return ['indefinite', call[0].length]
  if (rest.startsWith('..')) {
    if (rest[2] === '[') return ['indefinite', 2]
    if (rest[2] === '*') return ['indefinite', 3]
    const name = NAME.exec(rest.slice(2))
    return name === null ? [null, 0] : ['indefinite', 2 + name[0].length]
  }
  if (rest.startsWith('.*')) return ['indefinite', 2]
  if (rest.startsWith('.[')) return ['definite', 1]
  if (rest.startsWith('.')) {
    const name = NAME.exec(rest.slice(1))
    return name === null ? [null, 0] : ['definite', 1 + name[0].length]
  }
  if (!rest.startsWith('[')) return [null, 0]
  return nextBracket(rest)
}

function nextBracket(rest: string): [Segment | null, number] {
  const indexes = INDEXES.exec(rest)
  if (indexes !== null) return [indexes[0].includes(',') ? 'indefinite' : 'definite', indexes[0].length]
  const names = QUOTED_NAMES.exec(rest)
  if (names !== null) return [/['"]\s*,\s*['"]/.test(names[0]) ? 'indefinite' : 'definite', names[0].length]
  const many = SLICE.exec(rest) ?? WILDCARD.exec(rest)
  if (many !== null) return ['indefinite', many[0].length]
  if (/^\[\s*\?/.test(rest)) {
    const end = endOfFilter(rest)
    return end === null ? [null, 0] : ['indefinite', end]
  }
  return [null, 0]
}

/** Past the `]` of `[?(...)]`; quotes may hold brackets. */
function endOfFilter(rest: string): number | null {
  let depth = 0
  let quote: string | null = null
  for (let index = 0; index < rest.length; index += 1) {
    const character = rest[index]!
    if (quote !== null) {
      if (character === '\\') index += 1
      else if (character === quote) quote = null
    } else if (character === "'" || character === '"') quote = character
    else if (character === '[' || character === '(') depth += 1
    else if (character === ']' || character === ')') {
      depth -= 1
      if (depth === 0) return character === ']' ? index + 1 : null
    }
  }
  return null
}

/** `$.a`, `$$.Execution.Id`, `$variable[0]`, `$.list[?(@.price > 3)]`. */
export function isPath(text: string): boolean {
  return segmentsOf(text) !== null
}

/** What keeps a text from naming exactly one place, or null. */
export function referencePathProblem(text: string): string | null {
  if (!text.startsWith('$')) return "Reference path didn't start with '$'"
  const segments = segmentsOf(text)
  if (segments === null) return 'Illegal character in reference path'
  if (segments.includes('indefinite')) return 'Reference path must identify a single node'
  return null
}

/** The eighteen functions and how many arguments they take. */
const ARGUMENTS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  Format: [1, Number.POSITIVE_INFINITY],
  StringToJson: [1, 1],
  JsonToString: [1, 1],
  Array: [0, Number.POSITIVE_INFINITY],
  ArrayPartition: [2, 2],
  ArrayContains: [2, 2],
  ArrayRange: [3, 3],
  ArrayGetItem: [2, 2],
  ArrayLength: [1, 1],
  ArrayUnique: [1, 1],
  Base64Encode: [1, 1],
  Base64Decode: [1, 1],
  Hash: [2, 2],
  JsonMerge: [3, 3],
  MathRandom: [2, 3],
  MathAdd: [2, 2],
  StringSplit: [2, 2],
  UUID: [0, 0],
}
const MAX_NESTED_CALLS = 10

/** `States.Format('{}', $.a)`, calls nested up to ten deep. */
export function isIntrinsicCall(text: string): boolean {
  const rest = afterCall(text.trim(), 1)
  return rest !== null && rest.trim() === ''
}

/** What follows a call at the start of a text, or null where there is none. */
function afterCall(text: string, depth: number): string | null {
  const head = /^States\.(\w+)\(\s*/.exec(text)
  const counts = head !== null && Object.hasOwn(ARGUMENTS, head[1]!) ? ARGUMENTS[head[1]!] : undefined
  if (head === null || counts === undefined || depth > MAX_NESTED_CALLS) return null
  let rest = text.slice(head[0].length)
  let count = 0
  if (rest.startsWith(')')) return counts[0] === 0 ? rest.slice(1) : null
  for (;;) {
    const after = afterArgument(rest, depth)
    if (after === null) return null
    count += 1
    rest = after.trimStart()
    if (rest.startsWith(')')) return count >= counts[0] && count <= counts[1] ? rest.slice(1) : null
    if (!rest.startsWith(',')) return null
    rest = rest.slice(1).trimStart()
  }
}

function afterArgument(text: string, depth: number): string | null {
  if (text.startsWith('States.')) return afterCall(text, depth + 1)
  if (text.startsWith('$')) return afterPath(text)
  const literal = /^'(?:[^'\\]|\\.)*'/s.exec(text) ?? /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/.exec(text)
  return literal === null ? null : text.slice(literal[0].length)
}

/** A path inside a call ends at the comma or parenthesis that is none of its own. */
function afterPath(text: string): string | null {
  let depth = 0
  let quote: string | null = null
  let end = 0
  for (; end < text.length; end += 1) {
    const character = text[end]!
    if (quote !== null) {
      if (character === '\\') end += 1
      else if (character === quote) quote = null
    } else if (character === "'" || character === '"') quote = character
    else if (character === '[' || character === '(') depth += 1
    else if (depth > 0 && (character === ']' || character === ')')) depth -= 1
    else if (depth === 0 && (character === ',' || character === ')')) break
  }
  return isPath(text.slice(0, end).trimEnd()) ? text.slice(end) : null
}
