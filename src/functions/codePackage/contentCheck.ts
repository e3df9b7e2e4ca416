import { Transform } from 'node:stream'
import { crc32 } from 'node:zlib'
import { unreadableArchive } from './archiveFault.ts'

/**
 * Passes content on and fails, with AWS's words, as soon as it is longer than declared, or at its end when it is
 * shorter or its CRC-32 differs: an archive's word about itself is never taken.
 */
export function contentCheck(declaredBytes: number, declaredCrc32: number): Transform {
  let bytes = 0
  let checksum = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > declaredBytes) return done(unreadableArchive())
      checksum = crc32(chunk, checksum)
      done(null, chunk)
    },
    flush(done) {
      done(bytes === declaredBytes && checksum === declaredCrc32 ? null : unreadableArchive())
    },
  })
}
