import { UserFault } from '../errors.ts'
import type { InvocationTypeName } from '../model/records.ts'

/** AWS's limits of an event, in bytes of JSON. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const PAYLOAD_LIMIT_BYTES: Readonly<Record<InvocationTypeName, number>> = {
  REQUEST_RESPONSE: 6 * 1024 * 1024,
  EVENT: 1024 * 1024,
  DRY_RUN: 6 * 1024 * 1024,
}

const TYPE_NAMES: Readonly<Record<InvocationTypeName, string>> = {
  REQUEST_RESPONSE: 'RequestResponse',
  EVENT: 'Event',
  DRY_RUN: 'DryRun',
}

const CLIENT_CONTEXT_LIMIT_BYTES = 3_583

/**
 * The event of an invocation as JSON text: `{}` where none was given. Throws a UserFault with AWS's words for a text
 * that is no JSON and for one that is too large.
 */
export function payloadText(
  input: { payload?: unknown; payloadText?: string | null },
  type: InvocationTypeName,
): string {
  if (input.payload !== undefined && input.payloadText != null) {
    throw new UserFault('INVALID_PARAMETER_VALUE', 'Give either payload or payloadText, not both.', [
      'input',
      'payloadText',
    ])
  }
  const text = input.payloadText ?? (input.payload === undefined ? '{}' : JSON.stringify(input.payload))
  const sizeBytes = Buffer.byteLength(text)
  const limitBytes = PAYLOAD_LIMIT_BYTES[type]
  if (sizeBytes > limitBytes) {
    throw new UserFault(
      'REQUEST_TOO_LARGE',
      `${sizeBytes} byte payload is too large for the ${TYPE_NAMES[type]} invocation type (limit ${limitBytes} bytes)`,
      ['input', input.payloadText == null ? 'payload' : 'payloadText'],
    )
  }
  if (input.payloadText != null) assertJson(input.payloadText)
  return text
}

function assertJson(text: string): void {
  try {
    JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UserFault(
      'INVALID_REQUEST_CONTENT',
      `Could not parse request body into json: Could not parse payload into json: ${reason}`,
      ['input', 'payloadText'],
    )
  }
}

/** The client context as JSON text, or null where none was given. */
export function clientContextText(clientContext: unknown): string | null {
  if (clientContext == null) return null
  const field = ['input', 'clientContext']
  if (typeof clientContext !== 'object' || Array.isArray(clientContext)) {
    throw new UserFault('INVALID_REQUEST_CONTENT', 'The client context must be a JSON object.', field)
  }
  const text = JSON.stringify(clientContext)
  if (Buffer.byteLength(text) > CLIENT_CONTEXT_LIMIT_BYTES) {
    throw new UserFault(
      'INVALID_REQUEST_CONTENT',
      `The client context is larger than ${CLIENT_CONTEXT_LIMIT_BYTES} bytes.`,
      field,
    )
  }
  return text
}
