import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { UserFault } from '../../errors.ts'

/** How long the rest of a refused body is read and thrown away, so that its sender comes to read the answer. */
const LINGER_MS = 10_000

/** The body of a request as a stream that may be destroyed without the connection, which is still to be answered on. */
export function detachedBody(request: IncomingMessage): Readable {
  const body = new PassThrough()
  request.pipe(body)
  request.once('close', () => {
    if (request.complete) return
    body.destroy(new UserFault('INVALID_REQUEST_CONTENT', 'The connection was lost before the end of the body.'))
  })
  // Whoever reads it hears of the loss; nobody may be reading (any more).
  body.on('error', () => undefined)
  // Where the reader has given up, what still comes is thrown away.
  body.once('close', () => discardRest(request))
  return body
}

/** Reads what is left of a body and throws it away; a sender that goes on for too long is cut off. */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  request.resume()
  const timer = setTimeout(() => request.destroy(), LINGER_MS).unref()
  request.once('close', () => clearTimeout(timer))
}
