import { UserFault } from '../errors.ts'
import type { Scope } from './records.ts'

/** The names of the GraphQL enum `LimitIncreaseStatus`. */
export type LimitIncreaseStatus = 'PENDING' | 'APPROVED' | 'DECLINED' | 'CANCELLED'

/** A case: an account asks for more concurrent executions in a region, an operator decides. */
export interface LimitIncreaseRecord {
  readonly id: string
  readonly scope: Scope
  readonly status: LimitIncreaseStatus
  readonly desiredValue: number
  readonly reason: string
  /** The limit when the case was opened. */
  readonly valueBefore: number
  /** The limit that was granted; null unless APPROVED. */
  readonly approvedValue: number | null
  /** What the operator said; null while it is PENDING. */
  readonly note: string | null
  readonly openedAt: Date
  readonly closedAt: Date | null
}

/** What happens to a case. */
export type LimitIncreaseEvent = 'APPROVED' | 'DECLINED' | 'CANCELLED'

/**
 * The status behind an event; total over statuses and events. A case is decided once: whatever comes later is a
 * RESOURCE_CONFLICT that says how it ended.
 */
export function nextLimitIncreaseStatus(status: LimitIncreaseStatus, event: LimitIncreaseEvent): LimitIncreaseStatus {
  if (status === 'PENDING') return event
  const message = `The case is ${status} already. Please open another one with requestLimitIncrease.`
  throw new UserFault('RESOURCE_CONFLICT', message, ['input', 'caseId'])
}

/** No account has more than so many concurrent executions. */
export const LARGEST_LIMIT = 1_000_000
/** Of a reason and of a note, in characters. */
export const LONGEST_REMARK = 2_000

/** Throws a VALIDATION for a value that is no increase, or more than any account can have. */
export function refuseUnfitLimit(field: string, value: number, present: number): void {
  if (value > present && value <= LARGEST_LIMIT) return
  const message = `${field} must be above the present limit of ${present} and at most ${LARGEST_LIMIT}, not ${value}.`
  throw new UserFault('VALIDATION', message, ['input', field])
}
