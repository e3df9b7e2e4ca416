import type { Report } from './diagnostics.ts'
import { isObject } from './shape.ts'
import type { JsonObject, JsonValue } from './types.ts'

const MAX_LENGTH = 1_048_576
/** As deep as AWS's parser reads; definitions that are meant for people stay far above it. */
const MAX_DEPTH = 1_000

/** The object that a text holds, or null after reporting why it holds none. */
export function parseDefinition(text: string, report: Report): JsonObject | null {
  if (Buffer.byteLength(text) > MAX_LENGTH) {
    report.error('SCHEMA_VALIDATION_FAILED', `Definition must not be longer than ${MAX_LENGTH} bytes`, null)
    return null
  }
  if (text.trim() === '') return refuse(report)
  if (isTooDeep(text)) {
    report.error('TOO_DEEPLY_NESTED', `Definition is nested deeper than ${MAX_DEPTH} levels`, null)
    return null
  }
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch (error) {
    report.error('INVALID_JSON_DESCRIPTION', (error as SyntaxError).message, null)
    return null
  }
  return isObject(value) ? value : refuse(report)
}

function refuse(report: Report): null {
  report.error('SCHEMA_VALIDATION_FAILED', 'Definition must be a valid JSON object', null)
  return null
}

/** Read before it is parsed: the rules recurse, and their stack must hold. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]
    if (character === '"') index = endOfString(text, index)
    else if (character === '{' || character === '[') {
      depth += 1
      if (depth > MAX_DEPTH) return true
    } else if (character === '}' || character === ']') depth -= 1
  }
  return false
}

function endOfString(text: string, start: number): number {
  let index = start + 1
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1
  return index
}
