import { parseFilter } from './parseFilter.ts'
import {
  type FunctionParameter,
  isOverAll,
  type ParsedPath,
  type PathRoot,
  type PathStep,
  PathSyntaxError,
} from './pathSyntax.ts'
import { afterBlanks, afterClosing, closingOf, unescapeText } from './pathText.ts'

const PARSED_AT_MOST = 2_000
const parsed = new Map<string, ParsedPath | null>()

/**
 * A path of the States Language: `$` (the input), `$$` (the context object) or `$name` (a variable), followed by steps
 * in Jayway's dialect of JSONPath. `null` where the text is none. Never throws.
 * https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
 */
export function parsePath(text: string): ParsedPath | null {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const result = tryParse(text)
  // Expressions come from definitions, of which a service may see any number: the oldest give way.
  if (parsed.size >= PARSED_AT_MOST) parsed.delete(parsed.keys().next().value!)
  parsed.set(text, result)
  return result
}

function tryParse(text: string): ParsedPath | null {
  const root = /^\$(\$|[\p{ID_Start}_][\p{ID_Continue}]*)?/u.exec(text)
  if (root === null) return null
  try {
    return pathFrom(rootOf(root[1]), text, root[0].length)
  } catch (error) {
    if (error instanceof PathSyntaxError || error instanceof RangeError) return null
    throw error
  }
}

function rootOf(sigil: string | undefined): PathRoot {
  if (sigil === undefined) return { kind: 'input' }
  return sigil === '$' ? { kind: 'context' } : { kind: 'variable', name: sigil }
}

/** A path within a filter: `@...` or `$...`. */
export function parseInnerPath(text: string): ParsedPath {
  if (text[0] !== '@' && text[0] !== '$') throw new PathSyntaxError(`No path: ${text}`)
  return pathFrom({ kind: text[0] === '@' ? 'item' : 'input' }, text, 1)
}

function pathFrom(root: PathRoot, text: string, at: number): ParsedPath {
  const steps: PathStep[] = []
  let place = at
  while (place < text.length) place = readStep(text, place, steps)
  if (steps.at(-1)?.kind === 'descent') throw new PathSyntaxError('A path does not end with ..')
  return {
    root,
    steps,
    isDefinite: isOverAll(steps) || steps.every((step, index) => isDefiniteStep(step, index === steps.length - 1)),
    isReference: steps.every((step) => step.kind === 'property' || (step.kind === 'index' && step.index >= 0)),
  }
}

function isDefiniteStep(step: PathStep, isLast: boolean): boolean {
  switch (step.kind) {
    case 'property':
    case 'index':
    case 'function':
      return true
    case 'properties':
      return isLast
    case 'indexes':
    case 'slice':
    case 'wildcard':
    case 'descent':
    case 'filter':
      return false
  }
}

/** Reads the step at `at` to the end of `steps`; gives the place after it. */
function readStep(text: string, at: number, steps: PathStep[]): number {
  if (text[at] === '[') return readBracket(text, at, steps)
  if (text[at] !== '.') throw new PathSyntaxError(`Expected '.' or '[' at ${at}`)
  if (text[at + 1] === '.') {
    steps.push({ kind: 'descent' })
    return readAfterDot(text, at + 2, steps)
  }
  return readAfterDot(text, at + 1, steps)
}

function readAfterDot(text: string, at: number, steps: PathStep[]): number {
  if (text[at] === '[') return readBracket(text, at, steps)
  if (text[at] === '*') {
    steps.push({ kind: 'wildcard' })
    return at + 1
  }
  const name = /^[^.[( ]+/.exec(text.slice(at))?.[0]
  if (name === undefined) throw new PathSyntaxError(`Expected a name at ${at}`)
  const end = at + name.length
  if (text[end] === ' ') throw new PathSyntaxError('A name with blanks stands in brackets')
  if (text[end] !== '(') {
    steps.push({ kind: 'property', name })
    return end
  }
  const afterCall = afterClosing(text, end)
  steps.push({ kind: 'function', name, parameters: parametersOf(text.slice(end + 1, afterCall - 1)) })
  return afterCall
}

function readBracket(text: string, at: number, steps: PathStep[]): number {
  const inside = afterBlanks(text, at + 1)
  const first = text[inside]
  if (first === "'" || first === '"') return readNames(text, inside, steps)
  if (first === '?') {
    const open = afterBlanks(text, inside + 1)
    if (text[open] !== '(') throw new PathSyntaxError(`Expected '(' at ${open}`)
    const afterFilter = afterClosing(text, open, { hasPatterns: true })
    const end = afterBlanks(text, afterFilter)
    if (text[end] !== ']') throw new PathSyntaxError(`Expected ']' at ${end}`)
    const condition = text.slice(open + 1, afterFilter - 1)
    steps.push({ kind: 'filter', condition: parseFilter(condition, parseInnerPath), text: `[?(${condition})]` })
    return end + 1
  }
  const end = text.indexOf(']', at)
  if (end < 0) throw new PathSyntaxError(`No closing ']' for the '[' at ${at}`)
  steps.push(arrayStepOf(text.slice(at + 1, end).trim()))
  return end + 1
}

/** Names in quotes, separated by commas: all in the kind of quotes that the first is in. */
function readNames(text: string, at: number, steps: PathStep[]): number {
  const quote = text[at]
  const names: string[] = []
  let place = at
  for (;;) {
    if (text[place] !== quote) throw new PathSyntaxError(`Expected a name at ${place}`)
    const close = closingOf(text, place)
    names.push(unescapeText(text.slice(place + 1, close)))
    place = afterBlanks(text, close + 1)
    if (text[place] === ']') break
    if (text[place] !== ',') throw new PathSyntaxError(`Expected ',' or ']' at ${place}`)
    place = afterBlanks(text, place + 1)
  }
  steps.push(names.length === 1 ? { kind: 'property', name: names[0]! } : { kind: 'properties', names })
  return place + 1
}

function arrayStepOf(text: string): PathStep {
  if (text === '*') return { kind: 'wildcard' }
  if (!/^[-0-9:, ]+$/.test(text)) throw new PathSyntaxError(`No index: ${text}`)
  if (!text.includes(':')) {
    const indexes = text.split(',').map((part) => integerOf(part))
    return indexes.length === 1 ? { kind: 'index', index: indexes[0]! } : { kind: 'indexes', indexes }
  }
  // Jayway knows no step width: what stands behind a second colon is read over.
  const [from, to] = text.split(':').map((part) => (part.trim() === '' ? null : integerOf(part)))
  if (from === null && (to ?? null) === null) throw new PathSyntaxError(`No slice: ${text}`)
  return { kind: 'slice', from: from ?? null, to: to ?? null }
}

function integerOf(text: string): number {
  if (!/^-?[0-9]{1,10}$/.test(text.trim())) throw new PathSyntaxError(`No index: ${text}`)
  return Number(text)
}

function parametersOf(text: string): FunctionParameter[] {
  const parameters: FunctionParameter[] = []
  let begin = 0
  for (let place = 0; place <= text.length; place += 1) {
    const character = text[place]
    if (character === '(' || character === '[' || character === '{') place = afterClosing(text, place) - 1
    else if (character === '"' || character === "'") place = closingOf(text, place)
    else if (character === ',' || character === undefined) {
      const parameter = text.slice(begin, place).trim()
      begin = place + 1
      if (parameter !== '' || parameters.length > 0 || character === ',') parameters.push(parameterOf(parameter))
    }
  }
  return parameters
}

function parameterOf(text: string): FunctionParameter {
  if (text.startsWith('$') || text.startsWith('@')) return { kind: 'path', path: parseInnerPath(text) }
  try {
    return { kind: 'json', value: JSON.parse(text) }
  } catch {
    throw new PathSyntaxError(`Neither a path nor JSON: ${text}`)
  }
}
