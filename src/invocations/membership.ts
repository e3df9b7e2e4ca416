import type { Pool } from 'pg'
import type { Clock } from '../model/clock.ts'
import type { Journal } from './journal.ts'
import { leasedInvocation } from './leasedInvocation.ts'
import { returnLease } from './returnLease.ts'
import { registerNode, removeNode, renewNode } from './sql/nodes.ts'
import { type LeasedRow, selectAbandoned } from './sql/selectLeases.ts'

/** This node among the nodes of the installation: it says that it lives, and takes over from those that do not. */
export interface Membership {
  /** Announces the node and puts what a former life of it, or a dead one, left behind back into the queue. */
  join(): Promise<void>
  /** Resolves while this node is known to live. After a long standstill it asks first; rejects when it cannot. */
  confirm(): Promise<void>
  leave(): Promise<void>
}

export interface MembershipOptions {
  readonly database: Pool
  readonly journal: Journal
  /** Says when what is taken over is due again; whether nodes live is told by the database's time. */
  readonly clock: Clock
  readonly nodeId: string
  readonly instanceId: string
  readonly onError: (error: unknown) => void
  /** The leases had expired before they were renewed: others may have taken what this node held. */
  readonly onLapsed: () => void
}

const LEASE_MS = 20_000
const RENEWAL_MS = 5_000
const LARGEST_SWEEP = 500

export function createMembership({
  database,
  journal,
  clock,
  nodeId,
  instanceId,
  onError,
  onLapsed,
}: MembershipOptions): Membership {
  let alarm: NodeJS.Timeout | null = null
  let beat: Promise<void> = Promise.resolve()
  let hasLeft = false
  /** By this machine's time, and never later than what the database knows. */
  let heldUntilMs = 0
  let renewing: Promise<void> | null = null

  async function register(): Promise<void> {
    const askedAtMs = Date.now()
    await database.query({ ...registerNode, values: [nodeId, instanceId, LEASE_MS] })
    heldUntilMs = askedAtMs + LEASE_MS
  }

  async function renew(): Promise<void> {
    const askedAtMs = Date.now()
    const { rowCount } = await database.query({ ...renewNode, values: [nodeId, LEASE_MS] })
    if (rowCount !== 0) {
      heldUntilMs = askedAtMs + LEASE_MS
      return
    }
    onLapsed()
    await database.query({ ...removeNode, values: [nodeId] })
    await register()
  }

  /** One renewal at a time, whoever asks for it. */
  function renewOnce(): Promise<void> {
    renewing ??= renew().finally(() => {
      renewing = null
    })
    return renewing
  }

  async function takeOver(): Promise<void> {
    let isMoreLikely = true
    while (isMoreLikely && !hasLeft) {
      const { rows } = await database.query<LeasedRow>({
        ...selectAbandoned,
        values: [LARGEST_SWEEP, nodeId],
      })
      await Promise.all(rows.map((row) => returnLease(journal, leasedInvocation(row), clock.now())))
      isMoreLikely = rows.length === LARGEST_SWEEP
    }
  }

  function schedule(): void {
    alarm = setTimeout(() => {
      beat = renewOnce()
        .then(takeOver)
        .catch(onError)
        .finally(() => {
          if (!hasLeft) schedule()
        })
    }, RENEWAL_MS)
    alarm.unref()
  }

  return {
    async join() {
      await register()
      await takeOver()
      schedule()
    },
    async confirm() {
      if (Date.now() >= heldUntilMs) await renewOnce()
    },
    async leave() {
      hasLeft = true
      if (alarm !== null) clearTimeout(alarm)
      await beat
      await database.query({ ...removeNode, values: [nodeId] })
    },
  }
}
