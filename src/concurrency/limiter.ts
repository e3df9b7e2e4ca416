import { ThrottleFault } from '../errors.ts'
import { type ConcurrencyLimits, unreservedConcurrency } from '../model/concurrencyRules.ts'
import type { Scope } from '../model/records.ts'

/** The right to run one attempt, counted against the limits until it is disposed. */
export interface Lease extends Disposable {
  readonly scope: Scope
}

/** Counts what runs on this node and refuses what is over the limits. */
export interface ConcurrencyLimiter {
  /**
   * Takes a lease, or throws a ThrottleFault with AWS's reason: a function with a reservation is held to it, the others
   * share what nobody has reserved. Never waits for another lease to end.
   */
  acquire(scope: Scope, functionId: string): Promise<Lease>
  /** How many leases of an account and region are held. */
  inUse(scope: Scope): number
}

/** How long a refused caller is asked to wait. */
const RETRY_AFTER_MS = 1_000

/**
 * `readLimits` gives the limits of an account in a region; it is asked at every acquire and may remember. Between the
 * check and the count nothing is awaited, so that the limits are exact however many callers come at once.
 */
export function createConcurrencyLimiter(readLimits: (scope: Scope) => Promise<ConcurrencyLimits>): ConcurrencyLimiter {
  /** Leases by account and region, then by function. */
  const held = new Map<string, Map<string, number>>()
  const keyOf = (scope: Scope) => `${scope.accountId}:${scope.region}`

  return {
    async acquire(scope, functionId) {
      const limits = await readLimits(scope)
      const counts = held.get(keyOf(scope)) ?? new Map<string, number>()
      refuseBeyond(limits, counts, functionId)
      counts.set(functionId, (counts.get(functionId) ?? 0) + 1)
      held.set(keyOf(scope), counts)
      let isHeld = true
      return {
        scope,
        [Symbol.dispose]() {
          if (!isHeld) return
          isHeld = false
          const remaining = counts.get(functionId)! - 1
          if (remaining > 0) counts.set(functionId, remaining)
          else counts.delete(functionId)
        },
      }
    },
    inUse: (scope) => sumOf(held.get(keyOf(scope)) ?? new Map()),
  }
}

function refuseBeyond(limits: ConcurrencyLimits, counts: ReadonlyMap<string, number>, functionId: string): void {
  const reserved = limits.reserved.get(functionId)
  if (reserved !== undefined) {
    if ((counts.get(functionId) ?? 0) < reserved) return
    throw new ThrottleFault('RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED', reserved, RETRY_AFTER_MS)
  }
  const shared = unreservedConcurrency(limits)
  if (sumOf(counts, limits.reserved) < shared) return
  throw new ThrottleFault('CONCURRENT_INVOCATION_LIMIT_EXCEEDED', shared, RETRY_AFTER_MS)
}

/** The leases of all functions but those with a reservation. */
function sumOf(counts: ReadonlyMap<string, number>, reserved: ReadonlyMap<string, number> = new Map()): number {
  let sum = 0
  for (const [functionId, count] of counts) if (!reserved.has(functionId)) sum += count
  return sum
}
