import { TokenType } from '@streamparser/json'

/** Where in a JSON document a stream of its tokens is, beside the one place that is looked for. */
export interface JsonPlace {
  /** Takes the next token of the document. */
  see(token: TokenType, value: unknown): void
  /** Whether the array or object that is looked for is open, and none within it. */
  isInContainer(): boolean
  /** Whether it is open, and one within it too. */
  isWithinElement(): boolean
  /** What the place has turned out to be, so far. */
  found(): 'NOTHING' | 'SCALAR' | 'CONTAINER'
}

interface Frame {
  readonly isList: boolean
  /** Of the member that comes next, or that is read. */
  key: string
  index: number
  expectsKey: boolean
  /** Whether this is the container that is looked for, or one on the way to it. */
  readonly isOnTheWay: boolean
}

export function createJsonPlace(segments: readonly string[]): JsonPlace {
  const frames: Frame[] = []
  let found: 'NOTHING' | 'SCALAR' | 'CONTAINER' = 'NOTHING'

  /** Whether the value that begins now is the one that is looked for, or holds it. */
  function isOnTheWay(): boolean {
    const top = frames.at(-1)
    if (top === undefined) return true
    if (!top.isOnTheWay || frames.length > segments.length) return false
    return (top.isList ? String(top.index) : top.key) === segments[frames.length - 1]
  }

  const isPlace = () => frames.length === segments.length && isOnTheWay()

  function open(isList: boolean): void {
    if (isPlace()) found = 'CONTAINER'
    frames.push({ isList, key: '', index: 0, expectsKey: !isList, isOnTheWay: isOnTheWay() })
  }

  function scalar(value: unknown): void {
    const top = frames.at(-1)
    if (top?.expectsKey) {
      top.key = String(value)
      top.expectsKey = false
    } else if (isPlace()) found = 'SCALAR'
  }

  const containerDepth = segments.length + 1
  const isWithin = () => frames[containerDepth - 1]?.isOnTheWay === true

  return {
    see(token, value) {
      const top = frames.at(-1)
      switch (token) {
        case TokenType.LEFT_BRACE:
          return open(false)
        case TokenType.LEFT_BRACKET:
          return open(true)
        case TokenType.RIGHT_BRACE:
        case TokenType.RIGHT_BRACKET:
          frames.pop()
          return
        case TokenType.COMMA:
          if (top === undefined) return
          top.index += 1
          top.expectsKey = !top.isList
          return
        case TokenType.COLON:
        case TokenType.SEPARATOR:
          return
        default:
          return scalar(value)
      }
    },
    isInContainer: () => frames.length === containerDepth && isWithin(),
    isWithinElement: () => frames.length > containerDepth && isWithin(),
    found: () => found,
  }
}
