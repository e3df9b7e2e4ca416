/**
 * The closed table of what can go wrong. Three faults, never mixed:
 * - the caller's: a `UserFault`, which becomes a typed user error in a payload (or its HTTP status on a plain route);
 * - the function's: no error at all but the outcome of an invocation, as data;
 * - the platform's: a `PlatformFault` (or any other exception), which is logged with its cause and masked.
 */

/** How one code answers: AWS's exception, its HTTP status, and whether the same request may succeed later. */
export interface ErrorRow {
  readonly exception: string
  readonly httpStatus: number
  readonly retryable: boolean
}

/** Every code of a `UserFault`; the names of the GraphQL enum `ErrorCode`. Source: recorded facts, section A (LocalStack snapshot tests, Apache-2.0). */
export const USER_ERRORS = {
  INVALID_PARAMETER_VALUE: { exception: 'InvalidParameterValueException', httpStatus: 400, retryable: false },
  VALIDATION: { exception: 'ValidationException', httpStatus: 400, retryable: false },
  INVALID_REQUEST_CONTENT: { exception: 'InvalidRequestContentException', httpStatus: 400, retryable: false },
  REQUEST_TOO_LARGE: { exception: 'RequestEntityTooLargeException', httpStatus: 413, retryable: false },
  RESOURCE_NOT_FOUND: { exception: 'ResourceNotFoundException', httpStatus: 404, retryable: false },
  RESOURCE_CONFLICT: { exception: 'ResourceConflictException', httpStatus: 409, retryable: true },
  RESOURCE_NOT_READY: { exception: 'ResourceNotReadyException', httpStatus: 502, retryable: true },
  RECURSIVE_INVOCATION: { exception: 'RecursiveInvocationException', httpStatus: 400, retryable: false },
  PRECONDITION_FAILED: { exception: 'PreconditionFailedException', httpStatus: 412, retryable: false },
  TOO_MANY_REQUESTS: { exception: 'TooManyRequestsException', httpStatus: 429, retryable: true },
  STATE_MACHINE_DOES_NOT_EXIST: { exception: 'StateMachineDoesNotExist', httpStatus: 400, retryable: false },
  STATE_MACHINE_ALREADY_EXISTS: { exception: 'StateMachineAlreadyExists', httpStatus: 400, retryable: false },
  STATE_MACHINE_TYPE_NOT_SUPPORTED: { exception: 'StateMachineTypeNotSupported', httpStatus: 400, retryable: false },
  EXECUTION_DOES_NOT_EXIST: { exception: 'ExecutionDoesNotExist', httpStatus: 400, retryable: false },
  EXECUTION_ALREADY_EXISTS: { exception: 'ExecutionAlreadyExists', httpStatus: 400, retryable: false },
  EXECUTION_LIMIT_EXCEEDED: { exception: 'ExecutionLimitExceeded', httpStatus: 400, retryable: true },
  THROTTLING: { exception: 'ThrottlingException', httpStatus: 400, retryable: true },
  EXECUTION_NOT_REDRIVABLE: { exception: 'ExecutionNotRedrivable', httpStatus: 400, retryable: false },
  ACTIVITY_DOES_NOT_EXIST: { exception: 'ActivityDoesNotExist', httpStatus: 400, retryable: false },
  TASK_TIMED_OUT: { exception: 'TaskTimedOut', httpStatus: 400, retryable: false },
  INVALID_TOKEN: { exception: 'InvalidToken', httpStatus: 400, retryable: false },
  INVALID_ARN: { exception: 'InvalidArn', httpStatus: 400, retryable: false },
  INVALID_NAME: { exception: 'InvalidName', httpStatus: 400, retryable: false },
  INVALID_DEFINITION: { exception: 'InvalidDefinition', httpStatus: 400, retryable: false },
  INVALID_EXECUTION_INPUT: { exception: 'InvalidExecutionInput', httpStatus: 400, retryable: false },
  INVALID_OUTPUT: { exception: 'InvalidOutput', httpStatus: 400, retryable: false },
  ACCESS_DENIED: { exception: 'AccessDeniedException', httpStatus: 403, retryable: false },
} as const satisfies Record<string, ErrorRow>

/** A code of the table of user errors. */
export type UserErrorCode = keyof typeof USER_ERRORS

/** The caller's fault: an expected failure that changed nothing. The message says what happened and what to do. */
export class UserFault extends Error {
  override readonly name = 'UserFault'
  readonly code: UserErrorCode
  /** Path of the input field that is to blame, or null. */
  readonly field: readonly string[] | null

  constructor(code: UserErrorCode, message: string, field: readonly string[] | null = null) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** Which limit refused an invocation or the start of an execution; the names of the GraphQL enum `ThrottleReason`. */
export type ThrottleReason =
  | 'CONCURRENT_INVOCATION_LIMIT_EXCEEDED'
  | 'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED'
  | 'FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED'
  | 'ENVIRONMENT_CAPACITY_EXCEEDED'
  | 'BUDGET_SPENT'
  | 'EXECUTION_START_RATE_EXCEEDED'
  | 'OPEN_EXECUTION_LIMIT_EXCEEDED'

/** How a throttle answers: AWS's TooManyRequestsException of functions, and what its Step Functions answer with. */
export type ThrottleCode = 'TOO_MANY_REQUESTS' | 'THROTTLING' | 'EXECUTION_LIMIT_EXCEEDED'

/** An invocation or the start of an execution that a limit refused, with AWS's exact words. */
export class ThrottleFault extends UserFault {
  readonly reason: ThrottleReason
  readonly limit: number
  readonly retryAfterMs: number

  constructor(
    reason: ThrottleReason,
    limit: number,
    retryAfterMs: number,
    message = 'Rate Exceeded.',
    code: ThrottleCode = 'TOO_MANY_REQUESTS',
  ) {
    super(code, message)
    this.reason = reason
    this.limit = limit
    this.retryAfterMs = retryAfterMs
  }
}

/** The platform's fault. Callers see a masked error with a request id; the log has the cause. */
export class PlatformFault extends Error {
  override readonly name: string = 'PlatformFault'
}

/** A fault that makes the service unable to start: its message is printed as one clear line, and the exit code is 1. */
export class StartFault extends Error {
  override readonly name = 'StartFault'
}
