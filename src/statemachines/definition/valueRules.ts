import { expressionIn, jsonataProblem } from './jsonataSyntax.ts'
import { isIntrinsicCall, isPath, referencePathProblem } from './pathSyntax.ts'
import { byLanguage, isObject, type Place, type Rule } from './shape.ts'
import type { JsonValue } from './types.ts'

/** Rules for single values; what they say is AWS's wording where it is known. */

const typed =
  (name: string, isOfType: (value: JsonValue) => boolean): Rule =>
  (value, location, { report }) => {
    if (!isOfType(value)) report.schema(`Expected value of type [${name}]`, location)
  }

export const anything: Rule = () => {}
export const aString: Rule = typed('STRING', (value) => typeof value === 'string')
export const aBoolean: Rule = typed('BOOLEAN', (value) => typeof value === 'boolean')
export const aNumber: Rule = typed('NUMBER', (value) => typeof value === 'number')

export function oneOf(...values: readonly string[]): Rule {
  return (value, location, place) => {
    if (typeof value !== 'string') return aString(value, location, place)
    if (!values.includes(value))
      place.report.schema(`Value should be one of the following: [${values.join(', ')}]`, location)
  }
}

export function integer(least: number, most: number): Rule {
  return (value, location, { report }) => {
    if (typeof value !== 'number' || !Number.isInteger(value))
      return report.schema('Expected value of type [INTEGER]', location)
    checkRange(value, least, most, location, { report })
  }
}

export function number(least: number, most: number): Rule {
  return (value, location, place) => {
    if (typeof value !== 'number') return aNumber(value, location, place)
    checkRange(value, least, most, location, place)
  }
}

function checkRange(value: number, least: number, most: number, location: string, { report }: Pick<Place, 'report'>) {
  if (value < least) report.schema(`Minimum value is ${least}`, location)
  if (value > most) report.schema(`Maximum value is ${most}`, location)
}

export function listOf(rule: Rule, { nonEmpty = false } = {}): Rule {
  return (value, location, place) => {
    if (!Array.isArray(value)) return place.report.schema('Expected value of type [ARRAY]', location)
    if (nonEmpty && value.length === 0) return place.report.schema('Value cannot be empty', location)
    for (const [index, item] of value.entries()) rule(item, `${location}[${index}]`, place)
  }
}

export const nullable =
  (rule: Rule): Rule =>
  (value, location, place) => {
    if (value !== null) rule(value, location, place)
  }

/** A path that may find any number of values. */
export const path: Rule = (value, location, place) => {
  if (typeof value !== 'string') return aString(value, location, place)
  if (!isPath(value)) place.report.schema('Value must be a valid JSONPath.', location)
}

/** A path, or an intrinsic function whose value stands in for one. */
export const pathOrCall: Rule = (value, location, place) => {
  if (typeof value === 'string' && isIntrinsicCall(value)) return
  path(value, location, place)
}

/** A path to exactly one value, in the input, the context object or a variable. */
export const referencePath: Rule = (value, location, place) => {
  if (typeof value !== 'string') return aString(value, location, place)
  const problem = referencePathProblem(value)
  if (problem !== null) place.report.schema(`Value is not a Reference Path: ${problem}`, location)
}

/** A place in the input to write to: neither the context object nor variables can be written like this. */
export const resultPath: Rule = nullable((value, location, place) => {
  if (typeof value === 'string' && /^\$[^.[]/.test(value))
    return place.report.schema('Value is not a Reference Path: Reference path must point into the input', location)
  referencePath(value, location, place)
})

const TIMESTAMP = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:Z|[+-](\d{2}):(\d{2}))$/

/** RFC 3339 as the language narrows it: an upper-case `T`, an upper-case `Z` or an offset, a day that exists. */
export function isTimestamp(text: string): boolean {
  const parts = TIMESTAMP.exec(text)?.slice(1).map(Number)
  if (parts === undefined) return false
  const [year, month, day, hour, minute, second, offsetHour = 0, offsetMinute = 0] = parts as [
    number,
    number,
    number,
    number,
    number,
    number,
    number?,
    number?,
  ]
  const daysOfMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth
  const isOffset = Number.isNaN(offsetHour) || (offsetHour <= 23 && offsetMinute <= 59)
  return isDay && hour <= 23 && minute <= 59 && second <= 59 && isOffset
}

export const timestamp: Rule = (value, location, place) => {
  if (typeof value !== 'string') return aString(value, location, place)
  if (!isTimestamp(value)) place.report.schema('String does not match RFC3339 timestamp', location)
}

/** A string that must be an expression. */
export const expression: Rule = (value, location, place) => {
  if (typeof value !== 'string') return aString(value, location, place)
  const text = expressionIn(value)
  if (text === null) return place.report.schema('JSONata string must start with {% and end with %}', location)
  checkExpression(text, location, place)
}

/** A literal in both languages; in JSONata a string with an expression as well. */
export function expressionOr(rule: Rule): Rule {
  const inJsonata: Rule = (value, location, place) =>
    (typeof value === 'string' ? expression : rule)(value, location, place)
  return byLanguage({ JSONPath: rule, JSONata: inJsonata })
}

/** A string, in JSONata perhaps with an expression; what it means is checked by the rule where it is none. */
export function textOrExpression(rule: Rule): Rule {
  const inJsonata: Rule = (value, location, place) =>
    (typeof value === 'string' && value.startsWith('{%') ? expression : rule)(value, location, place)
  return byLanguage({ JSONPath: rule, JSONata: inJsonata })
}

function checkExpression(text: string, location: string, { report, offered }: Place): void {
  const problem = jsonataProblem(text, offered)
  if (problem !== null) report.error(problem.code, problem.message, location)
}

/** Any JSON in which strings may be expressions; faults are located at the string. */
export const jsonataTemplate: Rule = (value, location, place) => {
  if (typeof value === 'string') {
    if (value.startsWith('{%')) expression(value, location, place)
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) jsonataTemplate(item, `${location}[${index}]`, place)
  } else if (isObject(value))
    for (const [key, item] of Object.entries(value)) jsonataTemplate(item, `${location}/${key}`, place)
}

/** Any JSON in which fields that end in `.$` hold a path or a call; faults are located at the template. */
export const payloadTemplate: Rule = (value, location, place) => {
  if (Array.isArray(value)) {
    for (const item of value) payloadTemplate(item, location, place)
    return
  }
  if (!isObject(value)) return
  for (const [key, item] of Object.entries(value)) {
    if (!key.endsWith('.$')) payloadTemplate(item, location, place)
    else if (typeof item !== 'string' || !(isPath(item) || isIntrinsicCall(item)))
      place.report.schema(
        `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`,
        location,
      )
  }
}

export const template: Rule = byLanguage({ JSONPath: payloadTemplate, JSONata: jsonataTemplate })

/** A template that must be an object; in JSONata an expression may make it. */
export const objectTemplate: Rule = (value, location, place) => {
  const mayBeExpression = place.language === 'JSONata' && typeof value === 'string'
  if (mayBeExpression) return expression(value, location, place)
  if (!isObject(value)) return place.report.schema('Expected value of type [OBJECT]', location)
  template(value, location, place)
}
