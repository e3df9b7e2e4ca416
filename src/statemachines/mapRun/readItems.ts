import type { Readable } from 'node:stream'
import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3'
import { type Json, memberOf } from '../data/json.ts'
import type { ItemReaderOrder } from '../engine/taskOrder.ts'
import { MalformedItems, parseItems } from './parseItems.ts'

/** An error of a reader or writer, as the state's Catch sees it. */
export class MapRunFault extends Error {
  readonly error: 'States.ItemReaderFailed' | 'States.ResultWriterFailed'

  constructor(error: MapRunFault['error'], cause: string) {
    super(cause)
    this.error = error
  }
}

/**
 * The items of a Map Run that are read from S3: of an object, or, with `listObjectsV2`, the objects themselves. Throws
 * a MapRunFault where they cannot be read.
 */
export async function* readItems(
  reader: ItemReaderOrder,
  client: () => Promise<S3Client>,
): AsyncGenerator<Json, void, void> {
  let left = reader.maxItems ?? Number.POSITIVE_INFINITY
  try {
    const items = reader.resource.endsWith(':listObjectsV2') ? listed(reader, client) : read(reader, client)
    for await (const item of items) {
      if (left <= 0) return
      left -= 1
      yield item
    }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) }
    const cause = error instanceof MalformedItems ? message : `${name}: ${message}`
    throw new MapRunFault('States.ItemReaderFailed', cause)
  }
}

async function* read(
  { parameters, config }: ItemReaderOrder,
  client: () => Promise<S3Client>,
): AsyncGenerator<Json, void, void> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3')
  const { Body: body } = await (await client()).send(
    new GetObjectCommand({ Bucket: text(parameters, 'Bucket'), Key: text(parameters, 'Key') }),
  )
  if (body === undefined) throw new MalformedItems('The object is empty.')
  yield* parseItems(body as Readable, config)
}

async function* listed(
  { parameters }: ItemReaderOrder,
  client: () => Promise<S3Client>,
): AsyncGenerator<Json, void, void> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3')
  const s3 = await client()
  const prefix = memberOf(parameters, 'Prefix')
  for (let token: string | undefined; ; ) {
    const page: ListObjectsV2CommandOutput = await s3.send(
      new ListObjectsV2Command({
        Bucket: text(parameters, 'Bucket'),
        ...(typeof prefix === 'string' ? { Prefix: prefix } : {}),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
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

function text(parameters: Json, name: string): string {
  const value = memberOf(parameters, name)
  if (typeof value === 'string' && value !== '') return value
  throw new MalformedItems(`The reader's parameters have no ${name}.`)
}
