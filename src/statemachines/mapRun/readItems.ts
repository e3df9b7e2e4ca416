import type { ListObjectsV2CommandInput, ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3'
import { isObject, type Json, memberOf } from '../data/json.ts'
import type { ItemReaderOrder } from '../engine/taskOrder.ts'
import { MalformedItems, messageOf } from './malformedItems.ts'
import { MapRunFault } from './mapRunFault.ts'
import { type ObjectPlace, objectBytes } from './objectBytes.ts'
import { parseItems } from './parseItems.ts'

export { MapRunFault }

/**
 * The items of a Map Run that are read from S3: of an object, or, with `listObjectsV2`, the objects themselves; with
 * `Transformation` LOAD_AND_FLATTEN the items of all these objects, one object after the other. Throws a MapRunFault
 * where they cannot be read.
 */
export async function* readItems(
  reader: ItemReaderOrder,
  client: () => Promise<S3Client>,
): AsyncGenerator<Json, void, void> {
  const most = reader.maxItems ?? Number.POSITIVE_INFINITY
  let given = 0
  if (most <= 0) return
  try {
    for await (const item of itemsOf(reader, await client())) {
      yield item
      given += 1
      // Before the next one is looked for: what comes after the last may be malformed.
      if (given >= most) return
    }
  } catch (error) {
    const cause = error instanceof MalformedItems ? error.message : `${nameOf(error)}: ${messageOf(error)}`
    throw new MapRunFault('States.ItemReaderFailed', cause)
  }
}

function itemsOf(reader: ItemReaderOrder, s3: S3Client): AsyncIterable<Json> {
  const { resource, parameters, config } = reader
  const isLoaded = memberOf(config, 'Transformation') === 'LOAD_AND_FLATTEN'
  if (!resource.endsWith(':listObjectsV2')) return parseItems(objectBytes(s3, objectPlace(parameters)), config)
  return isLoaded ? loaded(parameters, config, s3) : listed(parameters, s3)
}

async function* loaded(parameters: Json, config: Json, s3: S3Client): AsyncGenerator<Json, void, void> {
  for await (const object of listed(parameters, s3)) {
    const key = text(object, 'Key')
    // The mark of a folder holds nothing.
    if (key.endsWith('/') && memberOf(object, 'Size') === 0) continue
    try {
      yield* parseItems(objectBytes(s3, objectPlace(parameters, key)), config)
    } catch (error) {
      throw error instanceof MalformedItems ? new MalformedItems(`${key}: ${error.message}`) : error
    }
  }
}

async function* listed(parameters: Json, s3: S3Client): AsyncGenerator<Json, void, void> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3')
  const { Bucket: _bucket, ...rest } = isObject(parameters) ? parameters : {}
  const input = { ...rest, Bucket: text(parameters, 'Bucket') } as ListObjectsV2CommandInput
  for (let token: string | undefined; ; ) {
    const page: ListObjectsV2CommandOutput = await s3.send(
      new ListObjectsV2Command(token === undefined ? input : { ...input, ContinuationToken: token }),
    )
    for (const content of page.Contents ?? []) yield listedObject(content)
    token = page.NextContinuationToken
    if (token === undefined) return
  }
}

/** As AWS gives it: times in seconds since the epoch. */
function listedObject(content: object): Json {
  const { Key, Size, ETag, StorageClass, LastModified } = content as Record<string, unknown>
  const lastModified = LastModified instanceof Date ? Math.floor(LastModified.getTime() / 1000) : null
  return { Etag: ETag, Key, LastModified: lastModified, Size, StorageClass } as Json
}

function objectPlace(parameters: Json, key = text(parameters, 'Key')): ObjectPlace {
  const { VersionId, ExpectedBucketOwner } = isObject(parameters) ? parameters : {}
  return {
    Bucket: text(parameters, 'Bucket'),
    Key: key,
    ...(typeof VersionId === 'string' && { VersionId }),
    ...(typeof ExpectedBucketOwner === 'string' && { ExpectedBucketOwner }),
  }
}

function text(parameters: Json, name: string): string {
  const value = memberOf(parameters, name)
  if (typeof value === 'string' && value !== '') return value
  throw new MalformedItems(`The reader's parameters have no ${name}.`)
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'Error')
