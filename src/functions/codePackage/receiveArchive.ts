import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { zippedTooLarge } from './archiveFault.ts'

/** An archive in a file of its own, which disposing deletes. */
export interface ReceivedArchive extends AsyncDisposable {
  readonly path: string
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly sizeBytes: number
}

/**
 * Writes a stream to a new file in `folder` (made on demand, for this process only) and measures it on the way.
 * Throws a REQUEST_TOO_LARGE as soon as it is longer than `limitBytes`; the stream is destroyed on any failure.
 */
export async function receiveArchive(archive: Readable, folder: string, limitBytes: number): Promise<ReceivedArchive> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${randomUUID()}.zip`)
  const hash = createHash('sha256')
  let sizeBytes = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length
      if (sizeBytes > limitBytes) return done(zippedTooLarge(limitBytes))
      hash.update(chunk)
      done(null, chunk)
    },
  })
  try {
    await pipeline(archive, measure, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
  } catch (cause) {
    await rm(path, { force: true })
    throw cause
  }
  return {
    path,
    sha256: hash.digest('hex'),
    sizeBytes,
    [Symbol.asyncDispose]: () => rm(path, { force: true }),
  }
}
