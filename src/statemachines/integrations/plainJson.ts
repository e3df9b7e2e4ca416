import type { NormalizedSchema } from '@smithy/core/schema'
import type { Json } from '../data/json.ts'
import { pascal } from './requestShape.ts'

/** Larger bodies are cut off: the engine refuses results of more than 256 KiB. */
const LARGEST_BODY_BYTES = 1024 * 1024

/**
 * An answer of the SDK as JSON: times in ISO 8601, bytes in base64, bodies as text; what is undefined is left out.
 * Members are named in PascalCase where the schema says that they are members; the keys of maps are as they are.
 */
export async function plainJson(value: unknown, schema: NormalizedSchema | null = null): Promise<Json> {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Set) return plainJson([...value], schema)
  if (Array.isArray(value)) {
    const of = schema?.isListSchema() ? schema.getValueSchema() : null
    return Promise.all(value.map((item) => plainJson(item, of)))
  }
  if (isBody(value)) return readBody(value)
  if (typeof value === 'object') {
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    const schemas = schema?.isStructSchema() ? new Map(schema.structIterator()) : null
    const ofAll = schema?.isMapSchema() ? schema.getValueSchema() : null
    return Object.fromEntries(
      await Promise.all(
        members.map(async ([name, member]) => {
          const of = schemas?.get(name) ?? null
          return [of === null ? name : pascal(name), await plainJson(member, of ?? ofAll)]
        }),
      ),
    )
  }
  return typeof value === 'bigint' ? Number(value) : (value as Json)
}

function isBody(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > LARGEST_BODY_BYTES) break
  }
  return Buffer.concat(chunks).toString()
}
