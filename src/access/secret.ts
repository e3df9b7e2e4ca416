import { hash, randomBytes } from 'node:crypto'

const PATTERN = /^lql_[A-Za-z0-9_-]{43}$/

/** A new token's secret: `lql_` and 32 random bytes in base64url. */
export function newSecret(): string {
  return `lql_${randomBytes(32).toString('base64url')}`
}

/** Whether a text can be a secret at all; what cannot is never looked up. */
export function isSecret(text: string): boolean {
  return PATTERN.test(text)
}

/** What is kept of a secret. A plain hash is enough: nobody can try out 256 random bits. */
export function hashSecret(secret: string): Buffer<ArrayBuffer> {
  return Buffer.from(hash('sha256', secret, 'buffer'))
}
