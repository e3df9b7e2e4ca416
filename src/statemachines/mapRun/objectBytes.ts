import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { GetObjectCommandInput, GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3'

/** An object in S3. */
export type ObjectPlace = Pick<GetObjectCommandInput, 'Bucket' | 'Key' | 'VersionId' | 'ExpectedBucketOwner'>

/** So often in a row a connection may break without a byte more. */
const MOST_FAILURES = 4
const FIRST_DELAY_MS = 100
/** So long a connection that is read from may bring nothing. */
const LONGEST_SILENCE_MS = 30_000

/**
 * The bytes of an object, as they are asked for. A Map Run asks as fast as its children run, for hours if need be, and
 * no connection is kept as long: one that breaks is opened anew where it broke, on the same version of the object.
 */
export async function* objectBytes(s3: S3Client, place: ObjectPlace): AsyncGenerator<Uint8Array, void, void> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3')
  let read = 0
  let failures = 0
  let first: GetObjectCommandOutput | null = null
  for (;;) {
    const rest = first === null || read === 0 ? {} : { Range: `bytes=${read}-`, IfMatch: first.ETag }
    const object: GetObjectCommandOutput = await s3.send(
      new GetObjectCommand({ ...place, ...rest } as GetObjectCommandInput),
    )
    first ??= object
    if (object.Body === undefined) return
    try {
      for await (const chunk of unlessSilent(object.Body as Readable)) {
        read += chunk.length
        failures = 0
        yield chunk
      }
      return
    } catch (error) {
      if (first.ContentLength !== undefined && read >= first.ContentLength) return
      failures += 1
      if (failures > MOST_FAILURES) throw error
      await delay(FIRST_DELAY_MS * 2 ** (failures - 1))
    }
  }
}

/** The chunks of a body, which is given up when none comes though it is waited for. */
async function* unlessSilent(body: Readable): AsyncGenerator<Uint8Array, void, void> {
  const wait = () =>
    setTimeout(() => body.destroy(new Error(`Nothing came for ${LONGEST_SILENCE_MS} ms.`)), LONGEST_SILENCE_MS)
  let waiting = wait()
  try {
    for await (const chunk of body) {
      clearTimeout(waiting)
      yield chunk as Uint8Array
      waiting = wait()
    }
  } finally {
    clearTimeout(waiting)
  }
}
