import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { USER_ERRORS, UserFault } from '../../errors.ts'
import type { Log } from '../../log.ts'

/**
 * What a caller sees of an error: of a broken request and of a UserFault everything, of any other exception nothing but
 * the request id, under which the log has the cause. Never a stack.
 */
export function publicError(error: GraphQLError, requestId: string, log: Log): GraphQLFormattedError {
  const cause = causeOf(error)
  const { locations, path } = error.toJSON()
  const where = { ...(locations && { locations }), ...(path && { path }) }
  if (cause === null) {
    const { http: _http, stacktrace: _stacktrace, ...extensions } = error.extensions
    return {
      message: error.message,
      ...where,
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED', ...extensions, requestId },
    }
  }
  if (cause instanceof UserFault) {
    const { code, message, field } = cause
    return { message, ...where, extensions: { code, ...(field && { field }), requestId } }
  }
  // Before any field is executed only the document can be so deep. How deep that is depends on the engine's stack.
  if (path === undefined && isStackOverflow(cause)) {
    const message = 'The document is nested too deeply. Please ask for less at a time.'
    return { message, ...where, extensions: { code: 'GRAPHQL_VALIDATION_FAILED', requestId } }
  }
  log.error(cause, { requestId, path })
  return { message: 'Internal server error', ...where, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } }
}

/** A fault of the caller as an error of a whole request, with the HTTP status of its code. */
export function requestError(fault: UserFault): GraphQLError {
  return new GraphQLError(fault.message, {
    originalError: fault,
    extensions: { http: { status: USER_ERRORS[fault.code].httpStatus } },
  })
}

/** The exception behind an error; null for errors of GraphQL itself, which the request is to blame for. */
function causeOf(error: GraphQLError): Error | null {
  let cause: Error | undefined = error
  while (cause instanceof GraphQLError) cause = cause.originalError
  return cause ?? null
}

function isStackOverflow(error: Error): boolean {
  return error instanceof RangeError && /call stack/i.test(error.message)
}
