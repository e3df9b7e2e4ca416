import type { ConcurrencyClaims } from '../model/concurrencyRules.ts'
import type { LockedFunction } from './lockedFunction.ts'
import { lockAccountRegion } from './sql/lockAccountRegion.ts'
import { selectHeldByOthers } from './sql/selectHeldByOthers.ts'

/** Locks the account's limits until the transaction ends, and tells what a change of the function has to fit into. */
export async function lockedClaims({ transaction, record }: LockedFunction): Promise<ConcurrencyClaims> {
  const { accountId, region } = record.scope
  const [limit] = await transaction.$queryRawUnsafe<{ concurrentExecutions: number }[]>(
    lockAccountRegion.text,
    accountId,
    region,
  )
  const [held] = await transaction.$queryRawUnsafe<{ heldByOthers: number }[]>(
    selectHeldByOthers.text,
    accountId,
    region,
    record.id,
  )
  return { ...limit!, ...held! }
}
