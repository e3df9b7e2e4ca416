import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Pool } from 'pg'
import { PlatformFault } from '../../errors.ts'
import { insertCodeBlob } from '../sql/insertCodeBlob.ts'
import { insertCodeChunk } from '../sql/insertCodeChunk.ts'
import { selectCodeBlob } from '../sql/selectCodeBlob.ts'
import { selectCodeChunk } from '../sql/selectCodeChunk.ts'
import type { ReceivedArchive } from './receiveArchive.ts'

// Part of the stored format: pieces of another size could not complete an upload that broke off.
const CHUNK_BYTES = 1_048_576

/** Whether an archive (SHA-256 in hexadecimal) is stored completely. */
export async function isStored(pool: Pool, sha256: string): Promise<boolean> {
  const { rowCount } = await pool.query({ ...selectCodeBlob, values: [Buffer.from(sha256, 'hex')] })
  return rowCount === 1
}

/**
 * Stores a checked archive, once per SHA-256 in the whole installation. Holds one piece in memory at a time, and each
 * is committed by itself. When it resolves the archive is durable and complete.
 */
export async function storeBlob(pool: Pool, archive: ReceivedArchive, unzippedSizeBytes: number): Promise<void> {
  if (await isStored(pool, archive.sha256)) return
  const sha256 = Buffer.from(archive.sha256, 'hex')
  await using file = await open(archive.path, 'r')
  const chunk = Buffer.alloc(CHUNK_BYTES)
  for (let position = 0; position * CHUNK_BYTES < archive.sizeBytes; position += 1) {
    const length = Math.min(CHUNK_BYTES, archive.sizeBytes - position * CHUNK_BYTES)
    const { bytesRead } = await file.read(chunk, 0, length, position * CHUNK_BYTES)
    if (bytesRead !== length) throw new PlatformFault(`the upload ${archive.path} lost its end while it was stored`)
    await pool.query({ ...insertCodeChunk, values: [sha256, position, chunk.subarray(0, length)] })
  }
  await pool.query({ ...insertCodeBlob, values: [sha256, archive.sizeBytes, unzippedSizeBytes] })
}

/**
 * Writes a stored archive to a new file. Holds one piece in memory at a time. Throws a PlatformFault where it is not
 * stored, or where what is stored is not what its SHA-256 says.
 */
export async function fetchBlob(pool: Pool, sha256: string, path: string): Promise<void> {
  const key = Buffer.from(sha256, 'hex')
  const { rows } = await pool.query<{ sizeBytes: number }>({ ...selectCodeBlob, values: [key] })
  const sizeBytes = rows[0]?.sizeBytes
  if (sizeBytes === undefined) throw new PlatformFault(`the code ${sha256} is not in the database`)
  const hash = createHash('sha256')
  async function* chunks() {
    for (let position = 0; position * CHUNK_BYTES < sizeBytes!; position += 1) {
      const found = await pool.query<{ bytes: Buffer }>({ ...selectCodeChunk, values: [key, position] })
      const bytes = found.rows[0]?.bytes
      if (bytes === undefined) throw new PlatformFault(`piece ${position} of the code ${sha256} is not in the database`)
      hash.update(bytes)
      yield bytes
    }
  }
  await pipeline(Readable.from(chunks(), { objectMode: false }), createWriteStream(path, { flags: 'wx', mode: 0o600 }))
  if (hash.digest('hex') !== sha256) throw new PlatformFault(`the code ${sha256} was changed in the database`)
}
