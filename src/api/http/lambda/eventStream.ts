import { EventStreamCodec } from '@smithy/core/event-streams'

/** The type of a body that is made of events. */
export const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream'

/** What AWS's InvokeComplete says: nothing but the log, where it was asked for, of a function that succeeded. */
export interface InvokeComplete {
  readonly ErrorCode?: string
  readonly ErrorDetails?: string
  readonly LogResult?: string
}

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
  (text) => Buffer.from(text, 'utf8'),
)

/** An event that carries bytes of a response. https://docs.aws.amazon.com/lambda/latest/api/API_InvokeResponseStreamUpdate.html */
export function payloadChunk(bytes: Uint8Array): Uint8Array {
  return message({ ':event-type': 'PayloadChunk', ':content-type': 'application/octet-stream' }, bytes)
}

/** The last event. https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStreamCompleteEvent.html */
export function invokeComplete(content: InvokeComplete): Uint8Array {
  const body = Buffer.from(JSON.stringify(content), 'utf8')
  return message({ ':event-type': 'InvokeComplete', ':content-type': 'application/json' }, body)
}

/** The last message where the platform failed, which SDKs throw. */
export function serviceException(text: string): Uint8Array {
  return codec.encode({
    headers: headersOf({ ':message-type': 'error', ':error-code': 'ServiceException', ':error-message': text }),
    body: new Uint8Array(),
  })
}

function message(headers: Readonly<Record<string, string>>, body: Uint8Array): Uint8Array {
  return codec.encode({ headers: headersOf({ ':message-type': 'event', ...headers }), body })
}

function headersOf(values: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { type: 'string' as const, value }]))
}
