import type { IncomingMessage } from 'node:http'
import type { ResponseStream } from '../responseStream.ts'
import type { ReadBody } from './answerBody.ts'

/** Hands a body on as it comes, no faster than it is taken; what is beyond the stream's limit is read and dropped. */
export function streamBody(request: IncomingMessage, stream: ResponseStream): Promise<ReadBody> {
  return new Promise((resolve) => {
    stream.begin()
    request.on('data', (chunk: Buffer) => {
      if (!stream.write(chunk)) resolve({ kind: 'TOO_LARGE' })
      const { room } = stream
      if (room === null) return
      request.pause()
      void room.then(() => request.resume())
    })
    request.once('end', () => resolve({ kind: 'STREAMED' }))
    request.once('close', () => resolve({ kind: 'BROKEN' }))
  })
}
