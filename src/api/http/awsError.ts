import type { FastifyReply } from 'fastify'
import { ThrottleFault, type ThrottleReason, USER_ERRORS, UserFault } from '../../errors.ts'

/**
 * The body of a fault outside of GraphQL, in the letters that AWS writes for its exception: "Message" for
 * ResourceNotFoundException, no "Type" for ValidationException and RequestEntityTooLargeException (recorded facts,
 * section A, no. 1 to 4). What a limit refused says which one (no. 114).
 */
export function awsErrorBody(fault: UserFault): object {
  const { code, message } = fault
  if (fault instanceof ThrottleFault) return { Reason: reasonName(fault.reason), Type: 'User', message }
  switch (code) {
    case 'RESOURCE_NOT_FOUND':
      return { Type: 'User', Message: message }
    case 'VALIDATION':
    case 'REQUEST_TOO_LARGE':
      return { message }
    default:
      return { Type: 'User', message }
  }
}

/** Answers with a fault: its status, its exception's name in `x-amzn-ErrorType` (recorded facts, no. 5), and its body. */
export function sendFault(reply: FastifyReply, fault: UserFault, requestId: string): FastifyReply {
  const { httpStatus, exception } = USER_ERRORS[fault.code]
  if (fault instanceof ThrottleFault) reply.header('retry-after', Math.ceil(fault.retryAfterMs / 1_000))
  return reply
    .code(httpStatus)
    .headers({ 'x-amzn-errortype': exception, 'x-amzn-requestid': requestId })
    .send(awsErrorBody(fault))
}

/** Answers with the platform's own failure, of which the caller learns the request's id alone. */
export function sendServiceException(reply: FastifyReply, requestId: string): FastifyReply {
  return reply
    .code(500)
    .headers({ 'x-amzn-errortype': 'ServiceException', 'x-amzn-requestid': requestId })
    .send({ Type: 'Service', Message: 'Internal server error' })
}

/** AWS's letters of a reason: `ConcurrentInvocationLimitExceeded`. */
function reasonName(reason: ThrottleReason): string {
  return reason
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('')
}

/** The body limit's fault (recorded facts, no. 27). */
export function requestTooLarge(): UserFault {
  const message = `Request must be smaller than ${BODY_LIMIT_BYTES} bytes for the CreateFunction operation`
  return new UserFault('REQUEST_TOO_LARGE', message)
}

/** The largest body of a request that is not an upload. */
export const BODY_LIMIT_BYTES = 70_167_211
