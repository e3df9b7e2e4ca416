import type { Pool, PoolClient } from 'pg'
import { announcement, topics } from '../events/topics.ts'
import { type ConcurrencyLimits, effectiveCapacity } from '../model/concurrencyRules.ts'
import { nextSlice, type OwnSlice, recordedSlice } from '../model/concurrencySlices.ts'
import type { Scope } from '../model/records.ts'
import { expireSlices } from './sql/expireSlices.ts'
import { lockLimits } from './sql/lockLimits.ts'
import { type SlicesRow, selectSlices } from './sql/selectSlices.ts'
import { writeSlices } from './sql/writeSlices.ts'

/** What a node holds of the pools of an account in a region. It is asked and told within an exchange. */
export interface SliceHolder {
  /**
   * The node's part in each pool that it holds or wants something of, by these limits and by what the other nodes hold of
   * each pool. From this call on until the exchange ends it grants nothing beyond what `shrink` and `settle` say.
   */
  parts(limits: ConcurrencyLimits, heldByOthers: (pool: string) => number): ReadonlyMap<string, OwnSlice>
  /** From now on at most so much: called before it is written, so that others can have the rest as soon as it is. */
  shrink(slices: ReadonlyMap<string, number>): void
  /** The slices are committed. */
  settle(slices: ReadonlyMap<string, number>): void
}

/** How an exchange ended. */
export interface Exchanged {
  /** The pools that other nodes hold something of: those where asking them could help. */
  readonly sharedPools: ReadonlySet<string>
}

/**
 * Exchanges slices of concurrency with the other nodes: one short transaction under the lock of the account's limits.
 * `isAnnounced` tells the others to do the same, as after a change of the limits; otherwise they are told when there is
 * something for them. On a failure the node holds what it held, or less.
 */
export async function exchangeSlices(
  pool: Pool,
  scope: Scope,
  nodeId: string,
  holder: SliceHolder,
  isAnnounced: boolean,
): Promise<Exchanged> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    await client.query('BEGIN')
    const exchanged = await exchange(client, scope, nodeId, holder, isAnnounced)
    await client.query('COMMIT')
    holder.settle(exchanged.slices)
    return exchanged
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    // A connection in the midst of a transaction is thrown away, and the transaction with it.
    client.release(failure)
  }
}

async function exchange(
  client: PoolClient,
  scope: Scope,
  nodeId: string,
  holder: SliceHolder,
  isAnnounced: boolean,
): Promise<Exchanged & { readonly slices: ReadonlyMap<string, number> }> {
  const key = [scope.accountId, scope.region]
  const limit = await client.query<{ concurrent_executions: number }>({ ...lockLimits, values: key })
  await client.query({ ...expireSlices, values: [...key, nodeId] })
  const { rows } = await client.query<SlicesRow>({ ...selectSlices, values: key })
  const { reserved, provisioned, live_nodes: liveNodes, slices: present } = rows[0]!

  const limits: ConcurrencyLimits = {
    concurrentExecutions: limit.rows[0]!.concurrent_executions,
    reserved: new Map(Object.entries(reserved ?? {})),
    provisioned: new Map(Object.entries(provisioned ?? {})),
  }
  const others = present.filter((slice) => slice.nodeId !== nodeId)
  const sumOf = (pool: string, column: 'granted' | 'wanted') =>
    others.reduce((sum, slice) => sum + (slice.pool === pool ? slice[column] : 0), 0)
  const parts = holder.parts(limits, (pool) => sumOf(pool, 'granted'))

  const recorded = new Map<string, number>()
  for (const { pool, granted } of others) recorded.set(pool, (recorded.get(pool) ?? 0) + granted)
  for (const [pool, { used }] of parts) recorded.set(pool, (recorded.get(pool) ?? 0) + used)

  const next = new Map<string, number>()
  for (const [pool, own] of parts) {
    const view = {
      capacity: effectiveCapacity(limits, pool, recorded),
      heldByOthers: sumOf(pool, 'granted'),
      wantedByOthers: sumOf(pool, 'wanted'),
      liveNodes: Math.max(1, liveNodes),
    }
    next.set(pool, nextSlice(view, own))
  }
  holder.shrink(next)

  const before = new Map(present.filter((slice) => slice.nodeId === nodeId).map((slice) => [slice.pool, slice]))
  const rowsToWrite = [...parts].map(([pool, { used, wanted }]) => {
    const slice = next.get(pool)!
    return { pool, granted: recordedSlice(slice, used), wanted: Math.max(0, used + wanted - slice) }
  })
  const changed = rowsToWrite.filter(({ pool, granted, wanted }) => {
    const old = before.get(pool)
    return (old?.granted ?? 0) !== granted || (old?.wanted ?? 0) !== wanted
  })
  if (changed.length > 0) {
    const columns = [
      changed.map((row) => row.pool),
      changed.map((row) => row.granted),
      changed.map((row) => row.wanted),
    ]
    await client.query({ ...writeSlices, values: [...key, nodeId, ...columns] })
  }
  const isOfUse = changed.some(
    ({ pool, granted, wanted }) =>
      (granted < (before.get(pool)?.granted ?? 0) && sumOf(pool, 'wanted') > 0) ||
      (wanted > (before.get(pool)?.wanted ?? 0) && sumOf(pool, 'granted') > 0),
  )
  if (isAnnounced || isOfUse) await client.query(announcement(new Set([topics.concurrency(scope)])))
  const sharedPools = new Set(others.filter(({ granted }) => granted > 0).map(({ pool }) => pool))
  return { sharedPools, slices: next }
}
