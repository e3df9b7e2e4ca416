/**
 * Why an asynchronous invocation is done. The first four are those of AWS's destination records; AWS has no recorded
 * name for an event of a loop that was stopped, and calls the exception `RecursiveInvocationException`; an invocation
 * of a function that is gone or cannot run is `Unresolvable`.
 */
export type RecordCondition =
  | 'Success'
  | 'RetriesExhausted'
  | 'EventAgeExceeded'
  | 'ZeroReservedConcurrency'
  | 'RecursiveInvocation'
  | 'Unresolvable'

/** What destination records say of an asynchronous invocation that is done. */
export interface ConcludedInvocation {
  readonly requestId: string
  /** ARN with its qualifier; `$LATEST` where none was asked for. */
  readonly functionArn: string
  readonly condition: RecordCondition
  /** How often the function was really run. */
  readonly approximateInvokeCount: number
  /** JSON text of the event. */
  readonly payload: string
  /** What the last attempt came to; null where the last try ran nothing. */
  readonly response: {
    /** `$LATEST` or a number. */
    readonly executedVersion: string
    readonly functionError: 'Unhandled' | null
    /** JSON text. */
    readonly payload: string
  } | null
  readonly concludedAtMs: number
}

/**
 * The record that a destination is sent, as JSON text. Payloads go in byte for byte.
 * Source: recorded facts, no. 117, 128 and 129 (LocalStack snapshot tests, Apache-2.0).
 */
export function destinationRecord(invocation: ConcludedInvocation): string {
  const { requestId, functionArn, condition, approximateInvokeCount, payload, response } = invocation
  const members = [
    member('version', '1.0'),
    member('timestamp', new Date(invocation.concludedAtMs).toISOString()),
    member('requestContext', { requestId, functionArn, condition, approximateInvokeCount }),
    `"requestPayload":${payload}`,
  ]
  if (response !== null) {
    const { executedVersion, functionError } = response
    const error = functionError === null ? {} : { functionError }
    members.push(member('responseContext', { statusCode: 200, executedVersion, ...error }))
    members.push(`"responsePayload":${response.payload}`)
  }
  return `{${members.join(',')}}`
}

const LONGEST_ERROR_MESSAGE_BYTES = 1024

/**
 * What a dead letter says went wrong: `errorMessage` of the error object, the first KB of it.
 * Source: recorded facts, no. 131; https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function deadLetterErrorMessage(result: string): string {
  const error: unknown = JSON.parse(result)
  const message = typeof error === 'object' && error !== null && 'errorMessage' in error ? error.errorMessage : ''
  const bytes = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message))
  if (bytes.length <= LONGEST_ERROR_MESSAGE_BYTES) return bytes.toString()
  // A character that is cut in two is left out.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, LONGEST_ERROR_MESSAGE_BYTES), {
    stream: true,
  })
}

function member(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`
}
