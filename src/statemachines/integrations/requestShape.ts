import type { NormalizedSchema } from '@smithy/core/schema'
import { isObject, type Json } from '../data/json.ts'

/** What of a service's parameters is not as its model has it. */
export interface RequestRules {
  /** Members that take a text, where people give the JSON that it is to hold. */
  readonly textMembers: readonly string[]
  /** Bytes are given in base64; else as the text that they are. */
  readonly hasBase64: boolean
}

/** A request for the SDK, or what is wrong with the parameters, in AWS's words. */
export type ShapedRequest = { readonly input: object } | { readonly problems: readonly string[] }

/**
 * The parameters of a Task state as a request of the SDK for JavaScript, by the model of the action: PascalCase names
 * become the model's own, time stamps (ISO 8601, or seconds since the epoch) become Dates, and JSON becomes text where
 * the member holds text. The SDK leaves out names that it does not know; here they are problems, as they are at AWS.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-parameters.html
 */
export function shapeRequest(schema: NormalizedSchema, parameters: Json, rules: RequestRules): ShapedRequest {
  const problems: string[] = []
  const input = shaped(schema, parameters, { ...rules, problems }, '')
  return problems.length === 0 ? { input: isObject(input as Json) ? (input as object) : {} } : { problems }
}

interface Shaping extends RequestRules {
  readonly problems: string[]
}

function shaped(schema: NormalizedSchema, value: Json, shaping: Shaping, name: string): unknown {
  if (value === null) return undefined
  if (schema.isStructSchema() && isObject(value)) return shapedMembers(schema, value, shaping)
  if (schema.isListSchema() && Array.isArray(value)) {
    return value.map((item) => shaped(schema.getValueSchema(), item, shaping, name))
  }
  if (schema.isMapSchema() && isObject(value)) {
    const members = Object.entries(value).map(([key, member]) => [
      key,
      shaped(schema.getValueSchema(), member, shaping, ''),
    ])
    return Object.fromEntries(members)
  }
  if (schema.isTimestampSchema()) return timeOf(value, shaping, name)
  if (schema.isBlobSchema()) {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return shaping.hasBase64 ? Buffer.from(text, 'base64') : schema.isStreaming() ? text : Buffer.from(text)
  }
  if (schema.isStringSchema() && typeof value !== 'string' && shaping.textMembers.includes(name)) {
    return JSON.stringify(value)
  }
  return value
}

function shapedMembers(schema: NormalizedSchema, value: { readonly [name: string]: Json }, shaping: Shaping): object {
  const members = new Map([...schema.structIterator()].map(([name, member]) => [pascal(name), { name, member }]))
  const found: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const known = members.get(name)
    if (known === undefined) shaping.problems.push(`The field "${name}" is not supported by Step Functions`)
    else found[known.name] = shaped(known.member, member, shaping, name)
  }
  return found
}

function timeOf(value: Json, { problems }: Shaping, name: string): Date | undefined {
  const time = new Date(typeof value === 'number' ? value * 1000 : typeof value === 'string' ? value : Number.NaN)
  if (!Number.isNaN(time.getTime())) return time
  problems.push(`The value of the field "${name}" is no timestamp`)
  return undefined
}

/** As Step Functions names members of all services, whatever their models do. */
export const pascal = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1)
