import { ThrottleFault, USER_ERRORS, UserFault } from '../errors.ts'
import type { GenericUserError, ThrottleError } from './generated/resolvers.ts'

/** A user error as a payload carries it. */
export type UserErrorData =
  | (GenericUserError & { readonly __typename: 'GenericUserError' })
  | (ThrottleError & { readonly __typename: 'ThrottleError' })

/** The caller's fault as data. */
export function userErrorOf(fault: UserFault): UserErrorData {
  const common = { code: fault.code, message: fault.message, field: fault.field === null ? null : [...fault.field] }
  if (!(fault instanceof ThrottleFault)) return { __typename: 'GenericUserError', ...common }
  const { reason, limit, retryAfterMs } = fault
  const { httpStatus } = USER_ERRORS[fault.code]
  return { __typename: 'ThrottleError', ...common, reason, limit, retryAfterMs, httpStatus }
}

/**
 * The payload of a mutation: what `change` returns, without user errors; or `nothing` with the caller's fault as its
 * one user error. Every other exception is the platform's and passes.
 */
export async function payloadOf<Result extends object>(
  nothing: Result,
  change: () => Promise<Result>,
): Promise<Result & { userErrors: UserErrorData[] }> {
  try {
    return { ...(await change()), userErrors: [] }
  } catch (fault) {
    if (!(fault instanceof UserFault)) throw fault
    return { ...nothing, userErrors: [userErrorOf(fault)] }
  }
}
