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
  leave(): Promise<void>
}

export interface MembershipOptions {
  readonly database: Pool
  readonly journal: Journal
  readonly clock: Clock
  readonly nodeId: string
  readonly instanceId: string
  readonly onError: (error: unknown) => void
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
}: MembershipOptions): Membership {
  let alarm: Disposable | null = null
  let beat: Promise<void> = Promise.resolve()
  let hasLeft = false
  const startedAt = new Date(clock.now())

  const expiry = () => new Date(clock.now() + LEASE_MS)
  const register = () => database.query({ ...registerNode, values: [nodeId, instanceId, startedAt, expiry()] })

  async function renew(): Promise<void> {
    const { rowCount } = await database.query({ ...renewNode, values: [nodeId, expiry()] })
    if (rowCount === 0) await register()
    await takeOver()
  }

  async function takeOver(): Promise<void> {
    let isMoreLikely = true
    while (isMoreLikely && !hasLeft) {
      const { rows } = await database.query<LeasedRow>({
        ...selectAbandoned,
        values: [new Date(clock.now()), LARGEST_SWEEP, nodeId],
      })
      await Promise.all(rows.map((row) => returnLease(journal, leasedInvocation(row), clock.now())))
      isMoreLikely = rows.length === LARGEST_SWEEP
    }
  }

  function schedule(): void {
    alarm = clock.schedule(clock.now() + RENEWAL_MS, () => {
      beat = renew()
        .catch(onError)
        .finally(() => {
          if (!hasLeft) schedule()
        })
    })
  }

  return {
    async join() {
      await register()
      await takeOver()
      schedule()
    },
    async leave() {
      hasLeft = true
      alarm?.[Symbol.dispose]()
      await beat
      await database.query({ ...removeNode, values: [nodeId] })
    },
  }
}
