import { UserFault } from '../errors.ts'

/** What must always be left for functions without a reservation. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
export const LEAST_UNRESERVED = 100

/** The limits of an account in a region. */
export interface ConcurrencyLimits {
  /** All concurrent executions. */
  readonly concurrentExecutions: number
  /** What is reserved, by function id. */
  readonly reserved: ReadonlyMap<string, number>
}

/** What is left for the functions without a reservation. */
export function unreservedConcurrency({ concurrentExecutions, reserved }: ConcurrencyLimits): number {
  let sum = 0
  for (const share of reserved.values()) sum += share
  return Math.max(0, concurrentExecutions - sum)
}

/**
 * The fault of a reservation that leaves too little unreserved, in AWS's words (recorded fact 110), or null. Turning a
 * function off takes nothing from the others and is always possible.
 */
export function reservationFault(
  wanted: number,
  reservedByOthers: number,
  concurrentExecutions: number,
): UserFault | null {
  if (wanted === 0 || concurrentExecutions - reservedByOthers - wanted >= LEAST_UNRESERVED) return null
  const message =
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below " +
    `its minimum value of [${LEAST_UNRESERVED}].`
  return new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'reservedConcurrentExecutions'])
}

/** Name of the pool that functions without a reservation share. */
export const UNRESERVED_POOL = 'unreserved'

/** The pool that a function's executions are counted in: its own where it has a reservation. */
export function poolOf({ reserved }: ConcurrencyLimits, functionId: string): string {
  return reserved.has(functionId) ? functionId : UNRESERVED_POOL
}

/** How many executions a pool allows at a time; 0 for the pool of a function that has no reservation any more. */
export function poolCapacity(limits: ConcurrencyLimits, pool: string): number {
  return pool === UNRESERVED_POOL ? unreservedConcurrency(limits) : (limits.reserved.get(pool) ?? 0)
}

/**
 * How many executions a pool may grow to while others are over theirs: a pool that became smaller than what runs in it
 * takes the difference from the rest until it has ended, so that the account's limit holds through every change.
 * `recorded` is what each pool's slices add up to.
 */
export function effectiveCapacity(
  limits: ConcurrencyLimits,
  pool: string,
  recorded: ReadonlyMap<string, number>,
): number {
  let overdrawn = 0
  for (const [other, sum] of recorded) {
    if (other !== pool) overdrawn += Math.max(0, sum - poolCapacity(limits, other))
  }
  return Math.max(0, poolCapacity(limits, pool) - overdrawn)
}
