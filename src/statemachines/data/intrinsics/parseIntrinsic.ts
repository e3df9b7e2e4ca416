import { parsePath } from '../paths/parsePath.ts'
import { PathSyntaxError } from '../paths/pathSyntax.ts'
import { afterClosing } from '../paths/pathText.ts'
import { INTRINSIC_NAMES, type IntrinsicCall, type IntrinsicParameter } from './intrinsicSyntax.ts'

const DEPTH_AT_MOST = 10
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null }

class IntrinsicSyntaxError extends Error {}

/** A call such as `States.Format('{} of {}', $.a, States.ArrayLength($.b))`; `null` where the text is none. */
export function parseIntrinsic(text: string): IntrinsicCall | null {
  try {
    const { call, at } = readCall(text, afterSpace(text, 0), 1)
    return afterSpace(text, at) === text.length ? call : null
  } catch (error) {
    if (error instanceof IntrinsicSyntaxError || error instanceof PathSyntaxError) return null
    throw error
  }
}

/** What a literal stands for, without its escapes: of `'`, of braces and of the backslash itself. */
export function unescapeLiteral(raw: string): string {
  return raw.replace(/\\(['{}\\])/g, '$1')
}

function readCall(text: string, begin: number, depth: number): { call: IntrinsicCall; at: number } {
  // AWS nests ten of them and no more.
  if (depth > DEPTH_AT_MOST) throw new IntrinsicSyntaxError('Nested too deeply')
  const head = /^States\.([A-Za-z0-9]+)\s*\(/.exec(text.slice(begin))
  const name = INTRINSIC_NAMES.find((known) => known === head?.[1])
  if (head === null || name === undefined) throw new IntrinsicSyntaxError(`No function at ${begin}`)
  const parameters: IntrinsicParameter[] = []
  let at = afterSpace(text, begin + head[0].length)
  while (text[at] !== ')' || parameters.length > 0) {
    const read = readParameter(text, at, depth)
    parameters.push(read.parameter)
    at = afterSpace(text, read.at)
    if (text[at] === ')') break
    if (text[at] !== ',') throw new IntrinsicSyntaxError(`Expected ',' or ')' at ${at}`)
    at = afterSpace(text, at + 1)
  }
  return { call: { kind: 'call', name, parameters, text: text.slice(begin, at + 1) }, at: at + 1 }
}

function readParameter(text: string, at: number, depth: number): { parameter: IntrinsicParameter; at: number } {
  if (text[at] === "'") return readText(text, at)
  if (text[at] === '$') return readPathParameter(text, at)
  if (text.startsWith('States.', at)) {
    const read = readCall(text, at, depth + 1)
    return { parameter: read.call, at: read.at }
  }
  const word = /^[^\s,()']+/.exec(text.slice(at))?.[0] ?? ''
  const end = at + word.length
  if (WORDS[word] !== undefined) return { parameter: { kind: 'value', value: WORDS[word] }, at: end }
  if (!/^-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/.test(word)) throw new IntrinsicSyntaxError(`No value at ${at}`)
  return { parameter: { kind: 'value', value: Number(word) }, at: end }
}

function readText(text: string, at: number): { parameter: IntrinsicParameter; at: number } {
  // A backslash before anything that needs none makes the call invalid.
  const raw = /^'((?:[^'\\]|\\['{}\\])*)'/.exec(text.slice(at))?.[1]
  if (raw === undefined) throw new IntrinsicSyntaxError(`The text at ${at} is not closed`)
  return { parameter: { kind: 'text', raw }, at: at + raw.length + 2 }
}

function readPathParameter(text: string, at: number): { parameter: IntrinsicParameter; at: number } {
  let end = at
  while (end < text.length && text[end] !== ',' && text[end] !== ')') {
    const isBracket = text[end] === '[' || text[end] === '('
    end = isBracket ? afterClosing(text, end, { hasPatterns: true }) : end + 1
  }
  const path = text.slice(at, end).trimEnd()
  if (parsePath(path) === null) throw new IntrinsicSyntaxError(`No path at ${at}`)
  return { parameter: { kind: 'path', path }, at: end }
}

function afterSpace(text: string, at: number): number {
  let place = at
  while (place < text.length && /\s/.test(text[place]!)) place += 1
  return place
}
