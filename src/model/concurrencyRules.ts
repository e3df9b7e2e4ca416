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
