import type { FastifyReply } from 'fastify'
import { USER_ERRORS, type UserErrorCode, UserFault } from '../../errors.ts'

/**
 * The body of a fault outside of GraphQL, in the letters that AWS writes for its exception: "Message" for
 * ResourceNotFoundException, no "Type" for ValidationException and RequestEntityTooLargeException (recorded facts,
 * section A, no. 1 to 4).
 */
export function awsErrorBody(code: UserErrorCode, message: string): object {
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
export function sendFault(reply: FastifyReply, { code, message }: UserFault, requestId: string): FastifyReply {
  const { httpStatus, exception } = USER_ERRORS[code]
  return reply
    .code(httpStatus)
    .headers({ 'x-amzn-errortype': exception, 'x-amzn-requestid': requestId })
    .send(awsErrorBody(code, message))
}

/** The body limit's fault (recorded facts, no. 27). */
export function requestTooLarge(): UserFault {
  const message = `Request must be smaller than ${BODY_LIMIT_BYTES} bytes for the CreateFunction operation`
  return new UserFault('REQUEST_TOO_LARGE', message)
}

/** The largest body of a request that is not an upload. */
export const BODY_LIMIT_BYTES = 70_167_211
