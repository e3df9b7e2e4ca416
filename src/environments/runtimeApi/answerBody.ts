import type { IncomingMessage } from 'node:http'
import { LARGEST_RESULT_BYTES } from '../protocol/messages.ts'
import type { EventAnswer } from '../runtimeChannel.ts'

/** A body that was read or handed on to its end, or `TOO_LARGE`, or `BROKEN` where the connection ended first. */
export type ReadBody =
  | { readonly kind: 'READ'; readonly bytes: Buffer }
  | { readonly kind: 'STREAMED' }
  | { readonly kind: 'TOO_LARGE' }
  | { readonly kind: 'BROKEN' }

/** Reads a body of at most 6 MiB + 100 bytes; what is beyond is left for `request.resume()`. */
export function readBody(request: IncomingMessage): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= LARGEST_RESULT_BYTES) {
        chunks.push(chunk)
        return
      }
      chunks.length = 0
      resolve({ kind: 'TOO_LARGE' })
    })
    request.once('end', () => resolve({ kind: 'READ', bytes: Buffer.concat(chunks) }))
    request.once('close', () => resolve({ kind: 'BROKEN' }))
  })
}

/** A response as JSON: what is none, such as a text or a stream of HTTP, becomes a JSON string. Nothing is `null`. */
export function resultText(bytes: Buffer): string {
  if (bytes.length === 0) return 'null'
  const text = bytes.toString('utf8')
  return isJson(text) ? text : JSON.stringify(text)
}

/** An error's body as it is, or, where it is no JSON, an error object made from it and the type in the headers. */
export function errorText(bytes: Buffer, errorType: string | undefined): string {
  const text = bytes.toString('utf8')
  if (bytes.length > 0 && isJson(text)) return text
  return JSON.stringify({ errorType: knownErrorType(errorType), errorMessage: text })
}

/** A type that does not say whether it is the runtime's or the function's is unknown to AWS. */
function knownErrorType(errorType: string | undefined): string {
  return errorType !== undefined && /^(Runtime|Function)\.[A-Z][A-Za-z]+$/.test(errorType)
    ? errorType
    : 'Runtime.Unknown'
}

/** AWS's outcome of a response that is too large (recorded fact 88). */
export function responseTooLarge(limitBytes: number, isLast = false): EventAnswer {
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${limitBytes} bytes).`
  const payload = JSON.stringify({ errorMessage, errorType: 'Function.ResponseSizeTooLarge' })
  return { kind: 'ERROR', failure: 'RESPONSE_TOO_LARGE', payload, isLast }
}

/** What a streamed response whose stream broke in the middle says in its trailers; null where it did not. */
export function streamError({ trailers }: IncomingMessage): EventAnswer | null {
  const errorType = trailers['lambda-runtime-function-error-type']
  if (errorType === undefined) return null
  const body = Buffer.from(trailers['lambda-runtime-function-error-body'] ?? '', 'base64')
  return { kind: 'ERROR', failure: 'HANDLER_ERROR', payload: errorText(body, errorType), isLast: false }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
