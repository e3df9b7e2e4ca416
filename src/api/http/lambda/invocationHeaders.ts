import type { IncomingHttpHeaders } from 'node:http'
import { UserFault } from '../../../errors.ts'
import type { InvocationTypeName } from '../../../model/records.ts'
import { type ConstraintViolation, mustBeOneOf, refuseViolations } from '../../../model/smithyConstraint.ts'

/** What the headers of an invocation ask for. */
export interface InvocationHeaders {
  readonly type: InvocationTypeName
  readonly isTailWanted: boolean
  /** What `X-Amz-Client-Context` holds, parsed; null where there is none. */
  readonly clientContext: unknown
  readonly traceHeader: string | null
}

const TYPES: Readonly<Record<string, InvocationTypeName>> = {
  RequestResponse: 'REQUEST_RESPONSE',
  Event: 'EVENT',
  DryRun: 'DRY_RUN',
}
const LOG_TYPES = ['None', 'Tail']

/**
 * Reads the headers of AWS's Invoke and InvokeWithResponseStream; `typeNames` are the invocation types that the operation
 * knows. Throws a UserFault for values that AWS does not know.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function invocationHeaders(headers: IncomingHttpHeaders, typeNames: readonly string[]): InvocationHeaders {
  const typeName = textOf(headers, 'x-amz-invocation-type') ?? 'RequestResponse'
  const logType = textOf(headers, 'x-amz-log-type') ?? 'None'
  const violations: ConstraintViolation[] = []
  const refuseUnknown = (member: string, value: string, known: readonly string[]) => {
    if (!known.includes(value)) violations.push({ member, value, constraint: mustBeOneOf(known), field: [] })
  }
  refuseUnknown('invocationType', typeName, typeNames)
  refuseUnknown('logType', logType, LOG_TYPES)
  refuseViolations(violations)
  return {
    type: TYPES[typeName]!,
    isTailWanted: logType === 'Tail',
    clientContext: clientContextOf(textOf(headers, 'x-amz-client-context')),
    traceHeader: textOf(headers, 'x-amzn-trace-id'),
  }
}

function textOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}

function clientContextOf(base64: string | null): unknown {
  if (base64 === null) return null
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))
  } catch {
    throw new UserFault('INVALID_REQUEST_CONTENT', 'Client context must be a valid Base64-encoded JSON object.')
  }
}
