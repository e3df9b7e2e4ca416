import type { Pool } from 'pg'
import { topics } from '../events/topics.ts'
import type { Wakeups } from '../events/wakeups.ts'
import { FREE_MEBIBYTE_MILLISECONDS, type PriceList } from '../model/price.ts'
import type { Scope } from '../model/records.ts'
import { type PriceListRow, selectPriceLists } from './sql/selectPriceLists.ts'

/** Which prices an account is billed by. */
export interface PriceBook {
  /**
   * The list that an account has chosen, as it is in force in a region at a time. From memory but for the first time and
   * after a change, which other nodes are told of.
   */
  at(scope: Scope, atMs: number): Promise<PriceList>
  /** Forgets what it remembers: somebody has chosen another list. Other nodes are told by `topics.prices`. */
  forget(): void
}

/** Accounts and regions that are remembered at most; those beyond are read anew. */
const LARGEST_CACHE = 10_000

export function createPriceBook(database: Pool, wakeups: Wakeups): PriceBook {
  const cache = new Map<string, Promise<readonly PriceList[]>>()
  wakeups.listen(topics.prices, () => cache.clear())

  function listsOf({ accountId, region }: Scope): Promise<readonly PriceList[]> {
    const key = `${accountId} ${region}`
    const known = cache.get(key)
    if (known !== undefined) return known
    if (cache.size >= LARGEST_CACHE) cache.clear()
    const lists = database
      .query<PriceListRow>({ ...selectPriceLists, values: [accountId, region] })
      .then(({ rows }) => rows.map(toPriceList))
    cache.set(key, lists)
    // What could not be read is read again by the next one who asks.
    lists.catch(() => cache.get(key) === lists && cache.delete(key))
    return lists
  }

  return {
    async at(scope, atMs) {
      const lists = await listsOf(scope)
      const inForce = lists.find(({ effectiveFromMs }) => effectiveFromMs <= atMs) ?? lists.at(-1)
      if (inForce === undefined) throw new RangeError(`account ${scope.accountId} has no price list in ${scope.region}`)
      return inForce
    },
    forget: () => cache.clear(),
  }
}

/** A row as the list it is. */
export function toPriceList(row: PriceListRow): PriceList {
  return {
    name: row.name,
    effectiveFromMs: row.effective_from.getTime(),
    billingStepMs: row.billing_step_ms,
    requestNanoUsd: BigInt(row.request_nano_usd),
    freeRequestsPerMonth: BigInt(row.free_requests_per_month),
    freeMebibyteMilliseconds: row.has_free_duration ? FREE_MEBIBYTE_MILLISECONDS : 0n,
    durationPicoUsd: { X86_64: BigInt(row.x86_duration_pico_usd), ARM64: BigInt(row.arm_duration_pico_usd) },
    provisionedDurationPicoUsd: {
      X86_64: BigInt(row.x86_provisioned_duration_pico_usd),
      ARM64: BigInt(row.arm_provisioned_duration_pico_usd),
    },
    provisionedPicoUsd: { X86_64: BigInt(row.x86_provisioned_pico_usd), ARM64: BigInt(row.arm_provisioned_pico_usd) },
  }
}
