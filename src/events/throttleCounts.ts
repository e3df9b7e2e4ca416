import type { Pool } from 'pg'
import type { Scope } from '../model/records.ts'
import { selectThrottleCounts } from './sql/selectThrottleCounts.ts'

/** By what throttles are counted; the names of the GraphQL enum `ThrottleGrouping`. */
export type ThrottleGrouping = 'FUNCTION' | 'REASON' | 'FUNCTION_AND_REASON'

/** How often invocations or starts of executions were refused. */
export interface ThrottleCountRecord {
  /** Null where functions are not told apart, and of a state machine. */
  readonly functionName: string | null
  /** Null where functions are not told apart, and of a function. */
  readonly stateMachineName: string | null
  /** Null where reasons are not told apart. */
  readonly reason: string | null
  readonly count: number
}

/** How many groups are told at most: the largest ones. */
export const LARGEST_GROUPS = 100

/**
 * Counts what limits refused of an account in a region from one time to before another (null: until now), the most
 * frequent first.
 */
export async function countThrottles(
  pool: Pool,
  { accountId, region }: Scope,
  from: Date,
  before: Date | null,
  groupBy: ThrottleGrouping,
): Promise<ThrottleCountRecord[]> {
  const values = [accountId, region, from, before, groupBy !== 'REASON', groupBy !== 'FUNCTION', LARGEST_GROUPS]
  const { rows } = await pool.query<ThrottleCountRecord>({ ...selectThrottleCounts, values })
  return rows
}
