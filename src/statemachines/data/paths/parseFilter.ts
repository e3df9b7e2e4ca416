import { BoundedPattern } from '../boundedPattern.ts'
import type { Json } from '../json.ts'
import {
  FILTER_OPERATORS,
  type FilterCondition,
  type FilterOperand,
  type FilterOperator,
  type ParsedPath,
  PathSyntaxError,
} from './pathSyntax.ts'
import { afterBlanks, afterClosing, closingOf, unescapeText } from './pathText.ts'

const DEPTH_AT_MOST = 50
const LITERALS: Readonly<Record<string, Json>> = { true: true, false: false, null: null }

/** What stands between the parentheses of `[?(...)]`. Throws PathSyntaxError. */
export function parseFilter(text: string, parseInnerPath: (text: string) => ParsedPath): FilterCondition {
  let at = 0
  let depth = 0

  const skipBlanks = () => {
    at = afterBlanks(text, at)
  }
  const take = (token: string): boolean => {
    skipBlanks()
    if (!text.startsWith(token, at)) return false
    at += token.length
    return true
  }

  function readOr(): FilterCondition {
    depth += 1
    if (depth > DEPTH_AT_MOST) throw new PathSyntaxError('The filter is nested too deeply')
    const conditions = [readAnd()]
    while (take('||')) conditions.push(readAnd())
    depth -= 1
    return conditions.length === 1 ? conditions[0]! : { kind: 'or', conditions }
  }

  function readAnd(): FilterCondition {
    const conditions = [readPart()]
    while (take('&&')) conditions.push(readPart())
    return conditions.length === 1 ? conditions[0]! : { kind: 'and', conditions }
  }

  function readPart(): FilterCondition {
    skipBlanks()
    if (text[at] === '!') {
      const next = afterBlanks(text, at + 1)
      if (text[next] !== '$' && text[next] !== '@') {
        at = next
        depth += 1
        if (depth > DEPTH_AT_MOST) throw new PathSyntaxError('The filter is nested too deeply')
        const condition = readPart()
        depth -= 1
        return { kind: 'not', condition }
      }
    }
    if (take('(')) {
      const condition = readOr()
      if (!take(')')) throw new PathSyntaxError(`Expected ')' at ${at}`)
      return condition
    }
    return readComparison()
  }

  function readComparison(): FilterCondition {
    const isNegated = take('!')
    const left = readOperand()
    const afterLeft = at
    const operator = readOperator()
    if (operator !== null && !isNegated) {
      const right = readOperand()
      return { kind: 'compare', operator, left, right }
    }
    at = afterLeft
    if (left.kind !== 'path') throw new PathSyntaxError(`A value alone is no condition, before ${at}`)
    return { kind: 'exists', path: left.path, isNegated }
  }

  function readOperator(): FilterOperator | null {
    skipBlanks()
    const word = /^(?:[<>=~!]+|[A-Za-z]+)/.exec(text.slice(at))?.[0] ?? ''
    at += word.length
    return FILTER_OPERATORS.find((operator) => operator === word.toUpperCase()) ?? null
  }

  function readOperand(): FilterOperand {
    skipBlanks()
    const first = text[at]
    if (first === '$' || first === '@') return { kind: 'path', path: parseInnerPath(readPathText()) }
    if (first === "'" || first === '"') {
      const begin = at
      at = closingOf(text, at) + 1
      return { kind: 'literal', value: unescapeText(text.slice(begin + 1, at - 1)) }
    }
    if (first === '/') return readPattern()
    if (first === '[' || first === '{') return { kind: 'literal', value: readJson() }
    const word = /^(?:true|false|null|-?[0-9.]+(?:[eE][-+]?[0-9]+)?)/.exec(text.slice(at))?.[0]
    if (word === undefined) throw new PathSyntaxError(`Expected a value at ${at}`)
    at += word.length
    const value = LITERALS[word] === undefined ? Number(word) : LITERALS[word]
    if (Number.isNaN(value)) throw new PathSyntaxError(`No number: ${word}`)
    return { kind: 'literal', value }
  }

  function readPathText(): string {
    const begin = at
    at += 1
    while (at < text.length && !/[<>=~! )&|]/.test(text[at]!)) {
      at = text[at] === '[' || text[at] === '(' ? afterClosing(text, at, { hasPatterns: true }) : at + 1
    }
    return text.slice(begin, at)
  }

  function readPattern(): FilterOperand {
    const begin = at
    at = closingOf(text, at) + 1
    const flags = /^[a-zA-Z]*/.exec(text.slice(at))![0]
    const source = text.slice(begin + 1, at - 1)
    at += flags.length
    try {
      return { kind: 'pattern', pattern: new BoundedPattern(`^(?:${source})$`, flags.replace(/[^imsu]/g, '')) }
    } catch {
      throw new PathSyntaxError(`No pattern: ${source}`)
    }
  }

  function readJson(): Json {
    const begin = at
    at = afterClosing(text, at)
    const literal = text.slice(begin, at)
    try {
      // Jayway's parser takes names and words in single quotes too.
      return JSON.parse(
        literal.replace(/'((?:[^'\\]|\\.)*)'/g, (_, word: string) => JSON.stringify(unescapeText(word))),
      )
    } catch {
      throw new PathSyntaxError(`No JSON: ${literal}`)
    }
  }

  const condition = readOr()
  skipBlanks()
  if (at < text.length) throw new PathSyntaxError(`Expected the end of the filter at ${at}`)
  return condition
}
