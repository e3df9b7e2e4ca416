import type { Clock } from '../model/clock.ts'
import type { AccessTokenRecord } from '../model/records.ts'

/** Which token a secret belongs to, remembered for a short while. */
export interface TokenCache {
  /** The token with this hash, from memory or through `find`; null where there is none. */
  get(hash: string, find: () => Promise<AccessTokenRecord | null>): Promise<AccessTokenRecord | null>
  /** Forgets a token at once, also one that is just being read. */
  forget(tokenId: string): void
}

/** How long another node's revocation may go unnoticed. */
const LIFE_MS = 5_000
const MOST_ENTRIES = 10_000

interface Entry {
  readonly token: AccessTokenRecord
  readonly untilMs: number
}

/** Remembers at most 10,000 tokens, each for five seconds. Secrets that nobody has are not remembered. */
export function createTokenCache(clock: Clock): TokenCache {
  const entries = new Map<string, Entry>()
  let forgotten = 0

  return {
    async get(hash, find) {
      const known = entries.get(hash)
      if (known !== undefined && clock.now() < known.untilMs) return known.token
      entries.delete(hash)
      const forgottenBefore = forgotten
      const token = await find()
      // What was read before somebody was forgotten may be what had to be forgotten.
      if (token === null || forgotten !== forgottenBefore) return token
      if (entries.size >= MOST_ENTRIES) entries.delete(entries.keys().next().value!)
      entries.set(hash, { token, untilMs: clock.now() + LIFE_MS })
      return token
    },
    forget(tokenId) {
      forgotten += 1
      for (const [hash, { token }] of entries) if (token.id === tokenId) entries.delete(hash)
    },
  }
}
