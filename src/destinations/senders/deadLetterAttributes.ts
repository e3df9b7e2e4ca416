import type { Delivery } from '../contract.ts'

/**
 * What a dead letter says beside the event: the request id, the status code of its last attempt and what went wrong.
 * Undefined for destination records. Source: recorded facts, no. 131 (LocalStack snapshot tests, Apache-2.0).
 */
export function deadLetterAttributes({ purpose, requestId, errorMessage }: Delivery) {
  if (purpose !== 'DEAD_LETTER') return undefined
  return {
    RequestID: { DataType: 'String', StringValue: requestId },
    ErrorCode: { DataType: 'Number', StringValue: '200' },
    // An attribute may not be empty.
    ...(errorMessage ? { ErrorMessage: { DataType: 'String', StringValue: errorMessage } } : {}),
  }
}
