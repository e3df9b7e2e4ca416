import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { UserFault } from '../../../errors.ts'
import { PAYLOAD_LIMIT_BYTES } from '../../../invocations/payload.ts'

const LIMIT_BYTES = Math.max(...Object.values(PAYLOAD_LIMIT_BYTES))

/**
 * The body of an invocation as text; null where there is none. Holds at most 6 MiB. Throws a UserFault with AWS's words
 * for what is larger, for what is no UTF-8 (recorded facts, no. 89), and for a body that ends early.
 */
export async function readPayload(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let lengthBytes = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      lengthBytes += (chunk as Buffer).length
      if (lengthBytes > LIMIT_BYTES) break
      chunks.push(chunk as Buffer)
    }
  } catch {
    throw new UserFault('INVALID_REQUEST_CONTENT', 'The connection was lost before the end of the body.')
  }
  if (lengthBytes > LIMIT_BYTES) {
    const message = `Request must be smaller than ${LIMIT_BYTES} bytes for the InvokeFunction operation`
    throw new UserFault('REQUEST_TOO_LARGE', message)
  }
  if (lengthBytes === 0) return null
  const body = Buffer.concat(chunks)
  if (isUtf8(body)) return body.toString('utf8')
  const message = 'Could not parse request body into json: Could not parse payload into json: Invalid UTF-8'
  throw new UserFault('INVALID_REQUEST_CONTENT', message)
}
