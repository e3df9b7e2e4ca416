import type { Pool } from 'pg'
import type { Clock } from '../model/clock.ts'
import type { ConcurrencyLimits } from '../model/concurrencyRules.ts'
import type { Scope } from '../model/records.ts'
import { selectConcurrencyLimits } from './sql/selectConcurrencyLimits.ts'

/** AWS's default: 1,000 concurrent executions per account and region. */
export const DEFAULT_CONCURRENT_EXECUTIONS = 1_000

const REMEMBERED_MS = 1_000

/** The limits of accounts, remembered for a second: a change on another node takes effect within it. */
export interface AccountLimits {
  read(scope: Scope): Promise<ConcurrencyLimits>
  /** Reads anew the next time: after a change on this node. */
  forget(scope: Scope): void
}

export function createAccountLimits(pool: Pool, clock: Clock): AccountLimits {
  const remembered = new Map<string, { readonly limits: ConcurrencyLimits; readonly untilMs: number }>()
  const keyOf = ({ accountId, region }: Scope) => `${accountId}:${region}`

  return {
    async read(scope) {
      const known = remembered.get(keyOf(scope))
      if (known !== undefined && clock.now() < known.untilMs) return known.limits
      const { rows } = await pool.query<{
        concurrent_executions: number | null
        reserved: Record<string, number> | null
      }>({ ...selectConcurrencyLimits, values: [scope.accountId, scope.region] })
      const limits = {
        concurrentExecutions: rows[0]!.concurrent_executions ?? DEFAULT_CONCURRENT_EXECUTIONS,
        reserved: new Map(Object.entries(rows[0]!.reserved ?? {})),
      }
      remembered.set(keyOf(scope), { limits, untilMs: clock.now() + REMEMBERED_MS })
      return limits
    },
    forget: (scope) => void remembered.delete(keyOf(scope)),
  }
}
