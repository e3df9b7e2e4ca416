import { UserFault } from '../errors.ts'

/** What must always be left for functions without a reservation. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
export const LEAST_UNRESERVED = 100

/** The limits of an account in a region. */
export interface ConcurrencyLimits {
  /** All concurrent executions. */
  readonly concurrentExecutions: number
  /** What is reserved, by function id. */
  readonly reserved: ReadonlyMap<string, number>
  /** The sum of the provisioned concurrency of a function's versions and aliases, by function id. */
  readonly provisioned: ReadonlyMap<string, number>
}

/**
 * What no function is guaranteed: the limit without the reservations and without the provisioned concurrency of
 * functions that have no reservation (that of the others lies within it). All functions that go beyond what they are
 * guaranteed share it: see `sharedUse`.
 */
export function sharedConcurrency(limits: ConcurrencyLimits): number {
  let held = 0
  for (const share of limits.reserved.values()) held += share
  for (const [functionId, share] of limits.provisioned) if (!limits.reserved.has(functionId)) held += share
  return Math.max(0, limits.concurrentExecutions - held)
}

/**
 * How much of the shared concurrency a function uses with so many executions: none with a reservation, which is its cap,
 * else what goes beyond its provisioned concurrency. An execution may begin where the sum over all functions stays
 * within `sharedConcurrency`: one that is provisioned for adds nothing to it and is never refused.
 */
export function sharedUse(limits: ConcurrencyLimits, functionId: string, executions: number): number {
  if (limits.reserved.has(functionId)) return 0
  return Math.max(0, executions - (limits.provisioned.get(functionId) ?? 0))
}

/** What a change of one function's concurrency is checked against. */
export interface ConcurrencyClaims {
  /** All concurrent executions of the account. */
  readonly concurrentExecutions: number
  /** What other functions are guaranteed: their reservation, or their provisioned concurrency where they have none. */
  readonly heldByOthers: number
}

/**
 * The fault of a reservation, in AWS's words, or null: less than the function's own provisioned concurrency (recorded
 * fact 112, with its spaces), or too little left unreserved (recorded fact 110). Turning a function off takes nothing
 * from the others, so that only the first can stand in its way.
 */
export function reservationFault(
  wanted: number,
  provisioned: number,
  { concurrentExecutions, heldByOthers }: ConcurrencyClaims,
): UserFault | null {
  if (wanted < provisioned) {
    const message = ` ReservedConcurrentExecutions  ${wanted} should not be lower than function's total provisioned concurrency [${provisioned}].`
    return new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'reservedConcurrentExecutions'])
  }
  if (wanted === 0 || concurrentExecutions - heldByOthers - wanted >= LEAST_UNRESERVED) return null
  const message =
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below " +
    `its minimum value of [${LEAST_UNRESERVED}].`
  return new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'reservedConcurrentExecutions'])
}

/** What a function has besides the provisioned concurrency that it asks for. */
export interface ProvisionedClaims extends ConcurrencyClaims {
  /** Null where none is reserved. */
  readonly reserved: number | null
  /** The provisioned concurrency of its other versions and aliases. */
  readonly provisionedElsewhere: number
}

/**
 * The fault of provisioned concurrency, in AWS's words, or null. With a reservation it has to fit into it (recorded fact
 * 113); without one it takes from the account's unreserved concurrency, of which 100 must be left (recorded fact 111).
 */
export function provisionedFault(
  wanted: number,
  { concurrentExecutions, heldByOthers, reserved, provisionedElsewhere }: ProvisionedClaims,
): UserFault | null {
  const fault = (message: string) =>
    new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'provisionedConcurrentExecutions'])
  if (reserved !== null) {
    if (provisionedElsewhere + wanted <= reserved) return null
    return fault(
      'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
    )
  }
  const unreserved = concurrentExecutions - heldByOthers - provisionedElsewhere
  if (wanted > unreserved) {
    return fault(
      `Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [${unreserved}].`,
    )
  }
  if (unreserved - wanted >= LEAST_UNRESERVED) return null
  return fault(
    "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its " +
      `minimum value of [${LEAST_UNRESERVED}].`,
  )
}

/** Name of the pool that functions share beyond what they are guaranteed. */
export const UNRESERVED_POOL = 'unreserved'

const PROVISIONED_PREFIX = 'provisioned:'

/** Name of the pool that is kept free for a function without a reservation, as large as its provisioned concurrency. */
export function provisionedPool(functionId: string): string {
  return `${PROVISIONED_PREFIX}${functionId}`
}

/**
 * The pools that a function's executions are counted in, in the order in which they are filled: its own where it has a
 * reservation, which is its cap; else that of its provisioned concurrency, where it has some, and then the shared one.
 */
export function poolsOf(limits: ConcurrencyLimits, functionId: string): readonly [string, ...string[]] {
  if (limits.reserved.has(functionId)) return [functionId]
  if (limits.provisioned.has(functionId)) return [provisionedPool(functionId), UNRESERVED_POOL]
  return [UNRESERVED_POOL]
}

/** How many executions a pool allows at a time; 0 for a pool whose function has no such concurrency any more. */
export function poolCapacity(limits: ConcurrencyLimits, pool: string): number {
  if (pool === UNRESERVED_POOL) return sharedConcurrency(limits)
  if (!pool.startsWith(PROVISIONED_PREFIX)) return limits.reserved.get(pool) ?? 0
  const functionId = pool.slice(PROVISIONED_PREFIX.length)
  return limits.reserved.has(functionId) ? 0 : (limits.provisioned.get(functionId) ?? 0)
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
