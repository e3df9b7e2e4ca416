import type { Pool } from 'pg'
import { topics } from '../events/topics.ts'
import type { Wakeups } from '../events/wakeups.ts'
import type { Scope } from '../model/records.ts'
import { AccountShare } from './accountShare.ts'
import { exchangeSlices } from './exchange.ts'

/** AWS's default: 1,000 concurrent executions per account and region. */
export const DEFAULT_CONCURRENT_EXECUTIONS = 1_000

/** The right to run one attempt, counted against the limits until it is disposed. */
export interface Lease extends Disposable {
  readonly scope: Scope
}

/** Counts what runs and refuses what is over the limits, which hold for all nodes together. */
export interface ConcurrencyLimiter {
  /**
   * Takes a lease, or throws a ThrottleFault with AWS's reason: a function with a reservation is held to it, the others
   * share what nobody has reserved. Never waits for another lease to end.
   */
  acquire(scope: Scope, functionId: string): Promise<Lease>
  /** How many leases of an account and region are held on this node. */
  inUse(scope: Scope): number
  /** Resolves when changed limits hold on this node; the others are told. */
  limitsChanged(scope: Scope): Promise<void>
  /** This node was given up for dead: what it held is no longer its own. */
  loseSlices(): void
}

export interface ConcurrencyLimiterOptions {
  readonly database: Pool
  readonly wakeups: Wakeups
  readonly nodeId: string
  /** Resolves while this node is one of those that live; rejects with a PlatformFault when it cannot know. */
  readonly confirmMembership: () => Promise<void>
}

/** Notifications are not lost as a rule; this is for the exception. */
const LONGEST_UNASKED_MS = 10_000

export function createConcurrencyLimiter(options: ConcurrencyLimiterOptions): ConcurrencyLimiter {
  const { database, wakeups, nodeId, confirmMembership } = options
  const shares = new Map<string, { readonly share: AccountShare; askedAtMs: number }>()

  function shareOf(scope: Scope): AccountShare {
    const key = `${scope.accountId}:${scope.region}`
    let entry = shares.get(key)
    if (entry === undefined) {
      const { accountId, region } = scope
      const share = new AccountShare((holder, isAnnounced) =>
        exchangeSlices(database, { accountId, region }, nodeId, holder, isAnnounced),
      )
      entry = { share, askedAtMs: performance.now() }
      shares.set(key, entry)
      wakeups.listen(topics.concurrency(scope), () => share.wake())
    } else if (performance.now() - entry.askedAtMs > LONGEST_UNASKED_MS) {
      entry.askedAtMs = performance.now()
      entry.share.wake()
    }
    return entry.share
  }

  return {
    async acquire(scope, functionId) {
      await confirmMembership()
      const share = shareOf(scope)
      await share.acquire(functionId)
      let isHeld = true
      return {
        scope,
        [Symbol.dispose]() {
          if (!isHeld) return
          isHeld = false
          share.release(functionId)
        },
      }
    },
    inUse: (scope) => shareOf(scope).inUse(),
    async limitsChanged(scope) {
      await shareOf(scope).refresh(true)
    },
    loseSlices() {
      for (const { share } of shares.values()) share.lose()
    },
  }
}
