import { createHash } from 'node:crypto'
import type { Json } from './json.ts'

const ALGORITHMS: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
}

export const HASH_ALGORITHMS: readonly string[] = Object.keys(ALGORITHMS)

/** The hash of a text, or of the JSON text of anything else, in hexadecimal digits; `null` for an unknown algorithm. */
export function hashOf(data: Json, algorithm: Json): string | null {
  if (typeof algorithm !== 'string' || !Object.hasOwn(ALGORITHMS, algorithm)) return null
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  return createHash(ALGORITHMS[algorithm]!).update(text, 'utf8').digest('hex')
}
