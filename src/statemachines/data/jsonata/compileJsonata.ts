import jsonata, { type Expression, type JsonataError } from 'jsonata'
import { BoundedPattern } from '../boundedPattern.ts'
import { addAwsFunctions } from './awsFunctions.ts'
import { callsOnlyKnown } from './callsOnlyKnown.ts'
import { giveTurn } from './takeTurns.ts'

/** How deep an evaluation may call itself, and how long the lists may get that it makes. */
const DEPTH_AT_MOST = 2_000
const SEQUENCE_AT_MOST = 1_000_000
const COMPILED_AT_MOST = 1_000
/** What JSONata calls before it evaluates a part, and waits for; its types know only names. */
const BEFORE_EACH_PART = Symbol.for('jsonata.__evaluate_entry') as unknown as string

/** An expression that is ready to be evaluated. */
export interface CompiledJsonata {
  readonly expression: Expression
  /** It calls nothing that might be data: see callsOnlyKnown. */
  readonly callsOnlyKnown: boolean
}

const compiled = new Map<string, CompiledJsonata>()

/** Whether a text of a definition is an expression: blanks before or behind make it plain text, as on AWS. */
export function isJsonata(text: string): boolean {
  return text.length >= 4 && text.startsWith('{%') && text.endsWith('%}')
}

/** What stands between `{%` and `%}`, without the blanks around it, as AWS's causes quote it. */
export function expressionOf(text: string): string {
  return isJsonata(text) ? text.slice(2, -2).trim() : text.trim()
}

/**
 * Whether an expression, with or without its `{% %}`, is JSONata: `null`, or what is wrong with it.
 * https://docs.jsonata.org/overview.html
 */
export function parseJsonata(expression: string): string | null {
  try {
    compileJsonata(expressionOf(expression), 0)
    return null
  } catch (error) {
    return errorTextOf(error)
  }
}

/** An expression ready to be evaluated, for so long at most each time. Throws JSONata's errors of syntax. */
export function compileJsonata(expression: string, timeoutMs: number): CompiledJsonata {
  const key = `${timeoutMs} ${expression}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  const parsed = jsonata(expression, {
    timeout: timeoutMs,
    stack: DEPTH_AT_MOST,
    sequence: SEQUENCE_AT_MOST,
    RegexEngine: BoundedPattern as unknown as RegExpConstructor,
  })
  addAwsFunctions(parsed)
  parsed.assign(BEFORE_EACH_PART, giveTurn)
  const made = { expression: parsed, callsOnlyKnown: callsOnlyKnown(parsed.ast()) }
  // Expressions come from definitions, of which a service may see any number: the oldest give way.
  if (compiled.size >= COMPILED_AT_MOST) compiled.delete(compiled.keys().next().value!)
  compiled.set(key, made)
  return made
}

/** An error of JSONata as AWS's causes print it: `T1006: Attempted to invoke a non-function`. */
export function errorTextOf(error: unknown): string {
  const { code, message } = error as Partial<JsonataError>
  if (typeof code === 'string' && /^[A-Z][0-9]{4}$/.test(code)) return `${code}: ${message}`
  // The stack of the machine ran out before the evaluation's own bound was reached.
  if (error instanceof RangeError) return 'D1011: The expression is nested too deeply or grew too large'
  // JSONata notes the place of a call on what is called, which null does not allow.
  if (error instanceof TypeError && /set properties of null/.test(error.message)) {
    return 'T1006: Attempted to invoke a non-function'
  }
  return message ?? String(error)
}
