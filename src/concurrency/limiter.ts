import { ThrottleFault } from '../errors.ts'
import type { Scope } from '../model/records.ts'

/** The right to run one attempt, counted against the limits until it is disposed. */
export interface Lease extends Disposable {
  readonly scope: Scope
}

/** Counts what runs on this node and refuses what is over the limit. */
export interface ConcurrencyLimiter {
  /** Takes a lease, or throws a ThrottleFault with AWS's reason. Never waits for another lease to end. */
  acquire(scope: Scope): Promise<Lease>
  /** How many leases of an account and region are held. */
  inUse(scope: Scope): number
}

/** How long a refused caller is asked to wait. */
const RETRY_AFTER_MS = 1_000

/**
 * `readLimit` gives the concurrent executions of an account in a region; it is asked at every acquire and may remember.
 * Between the check and the count nothing is awaited, so that the limit is exact however many callers come at once.
 */
export function createConcurrencyLimiter(readLimit: (scope: Scope) => Promise<number>): ConcurrencyLimiter {
  const held = new Map<string, number>()
  const keyOf = (scope: Scope) => `${scope.accountId}:${scope.region}`

  return {
    async acquire(scope) {
      const limit = await readLimit(scope)
      const key = keyOf(scope)
      const count = held.get(key) ?? 0
      if (count >= limit) throw new ThrottleFault('CONCURRENT_INVOCATION_LIMIT_EXCEEDED', limit, RETRY_AFTER_MS)
      held.set(key, count + 1)
      let isHeld = true
      return {
        scope,
        [Symbol.dispose]() {
          if (!isHeld) return
          isHeld = false
          const remaining = (held.get(key) ?? 0) - 1
          if (remaining > 0) held.set(key, remaining)
          else held.delete(key)
        },
      }
    },
    inUse: (scope) => held.get(keyOf(scope)) ?? 0,
  }
}
