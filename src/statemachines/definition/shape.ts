import { fieldLocation, type Report } from './diagnostics.ts'
import type { StatesField } from './jsonataSyntax.ts'
import type { JsonObject, JsonValue, QueryLanguage } from './types.ts'

/** Standard and Express machines differ in what their states may do. */
export type MachineType = 'STANDARD' | 'EXPRESS'

/** Where in a machine something is checked. */
export interface Place {
  readonly report: Report
  readonly machineType: MachineType
  readonly machineLanguage: QueryLanguage
  /** Of the state that is being checked. */
  readonly language: QueryLanguage
  /** What expressions find in `$states`. */
  readonly offered: ReadonlySet<StatesField>
}

/** Checks one value at its place and reports what is wrong with it. */
export type Rule = (value: JsonValue, location: string, place: Place) => void

export interface ShapeField {
  readonly rule: Rule
  /** The query language whose field it is; without one, it is in both. */
  readonly only?: QueryLanguage
}

/** What an object of the language may and must hold. */
export interface Shape {
  readonly fields: Readonly<Record<string, ShapeField>>
  readonly required?: readonly string[]
  readonly exactlyOne?: readonly (readonly string[])[]
  readonly atMostOne?: readonly (readonly string[])[]
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A rule for objects of one shape, which may depend on the object. */
export function shaped(shape: Shape | ((value: JsonObject, place: Place) => Shape)): Rule {
  return (value, location, place) => {
    if (!isObject(value)) return place.report.schema('Expected value of type [OBJECT]', location)
    checkShape(value, typeof shape === 'function' ? shape(value, place) : shape, location, place)
  }
}

/** Reports unknown fields, then missing and exclusive ones, then what is wrong inside each. */
export function checkShape(object: JsonObject, shape: Shape, location: string, place: Place): void {
  const { report, language } = place
  for (const name of Object.keys(object)) {
    const field = ownField(shape, name)
    if (field === undefined) report.schema(`Field '${name}' is not supported`, location)
    else if (field.only !== undefined && field.only !== language)
      report.schema(
        `The QueryLanguage is set to '${language}', but field '${name}' is only supported for the '${field.only}' QueryLanguage`,
        location,
      )
  }
  const missing = (shape.required ?? []).filter((name) => !Object.hasOwn(object, name))
  if (missing.length > 0) report.schema(`These fields are required: [${missing.join(', ')}]`, location)
  for (const group of shape.exactlyOne ?? []) {
    const count = countOf(group, object)
    if (count === 0)
      report.schema(`This object should have only one of the following fields: [${group.join(', ')}]`, location)
    else if (count > 1) reportExclusive(group, location, report)
  }
  for (const group of shape.atMostOne ?? []) if (countOf(group, object) > 1) reportExclusive(group, location, report)
  for (const [name, value] of Object.entries(object)) {
    const field = ownField(shape, name)
    // A field of the other language has been reported; its value would be read by the wrong rules.
    if (field === undefined || (field.only !== undefined && field.only !== language)) continue
    field.rule(value, fieldLocation(location, name), place)
  }
}

function ownField(shape: Shape, name: string): ShapeField | undefined {
  return Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
}

/** `End: false` says as little as no End at all. */
function countOf(group: readonly string[], object: JsonObject): number {
  return group.filter((name) => Object.hasOwn(object, name) && !(name === 'End' && object[name] === false)).length
}

function reportExclusive(group: readonly string[], location: string, report: Report): void {
  report.schema(`There should only be one of the following fields: [${group.join(', ')}]`, location)
}

/** The same rule where `$states` offers more. */
export function offering(rule: Rule, ...fields: readonly StatesField[]): Rule {
  return (value, location, place) =>
    rule(value, location, { ...place, offered: new Set<StatesField>(['input', 'context', ...fields]) })
}

/** One rule in each query language. */
export function byLanguage(rules: Readonly<Record<QueryLanguage, Rule>>): Rule {
  return (value, location, place) => rules[place.language](value, location, place)
}

export const field = (rule: Rule): ShapeField => ({ rule })
export const jsonPathField = (rule: Rule): ShapeField => ({ rule, only: 'JSONPath' })
export const jsonataField = (rule: Rule): ShapeField => ({ rule, only: 'JSONata' })
