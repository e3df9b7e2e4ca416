import type { Json } from '../data/json.ts'

/** Larger bodies are cut off: the engine refuses results of more than 256 KiB. */
const LARGEST_BODY_BYTES = 1024 * 1024

/** An answer of the SDK as JSON: times in ISO 8601, bytes in base64, bodies as text; what is undefined is left out. */
export async function plainJson(value: unknown): Promise<Json> {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Set) return plainJson([...value])
  if (Array.isArray(value)) return Promise.all(value.map(plainJson))
  if (isBody(value)) return readBody(value)
  if (typeof value === 'object') {
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    return Object.fromEntries(await Promise.all(members.map(async ([name, member]) => [name, await plainJson(member)])))
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
