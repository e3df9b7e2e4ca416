import type { Pool } from 'pg'
import type { Clock } from '../model/clock.ts'
import type { Scope } from '../model/records.ts'
import { selectAccountLimit } from './sql/selectAccountLimit.ts'

/** AWS's default: 1,000 concurrent executions per account and region. */
export const DEFAULT_CONCURRENT_EXECUTIONS = 1_000

const REMEMBERED_MS = 1_000

/** Reads the concurrency limit of an account in a region and remembers it for a second. */
export function createAccountLimits(pool: Pool, clock: Clock): (scope: Scope) => Promise<number> {
  const remembered = new Map<string, { readonly limit: number; readonly untilMs: number }>()
  return async (scope) => {
    const key = `${scope.accountId}:${scope.region}`
    const known = remembered.get(key)
    if (known !== undefined && clock.now() < known.untilMs) return known.limit
    const { rows } = await pool.query<{ concurrent_executions: number }>({
      ...selectAccountLimit,
      values: [scope.accountId, scope.region],
    })
    const limit = rows[0]?.concurrent_executions ?? DEFAULT_CONCURRENT_EXECUTIONS
    remembered.set(key, { limit, untilMs: clock.now() + REMEMBERED_MS })
    return limit
  }
}
