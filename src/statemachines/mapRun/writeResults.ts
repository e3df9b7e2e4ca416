import type { S3Client } from '@aws-sdk/client-s3'
import { type Json, memberOf } from '../data/json.ts'
import type { ResultWriterOrder } from '../engine/taskOrder.ts'
import { MapRunFault } from './mapRunFault.ts'

/** A child execution that has ended, as the result files tell it. */
export interface ChildResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'
  /** JSON text, or null. */
  readonly output: string | null
  readonly description: { readonly [member: string]: Json }
}

/** A file is begun anew when it has so many bytes. */
const LARGEST_FILE_BYTES = 5 * 1024 * 1024

/**
 * Writes what the children of a Map Run have given to S3, in files of a few MiB and one manifest that names them, and
 * answers where the manifest is. They are in a folder of the Map Run's own id: who writes them again after a crash
 * leaves no others beside them. Throws a MapRunFault where it cannot.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export async function writeResults(
  { parameters, config }: ResultWriterOrder,
  mapRunArn: string,
  results: AsyncIterable<ChildResult>,
  client: () => Promise<S3Client>,
): Promise<Json> {
  const bucket = String(memberOf(parameters, 'Bucket') ?? '')
  const prefix = memberOf(parameters, 'Prefix')
  const mapRunId = mapRunArn.slice(mapRunArn.lastIndexOf(':') + 1)
  const folder = [...(typeof prefix === 'string' && prefix !== '' ? [prefix.replace(/\/$/, '')] : []), mapRunId]
  const isLines = memberOf(config, 'OutputType') === 'JSONL'
  const transformation = memberOf(config, 'Transformation') ?? 'NONE'
  const owner = memberOf(parameters, 'ExpectedBucketOwner')
  try {
    const { PutObjectCommand } = await import('@aws-sdk/client-s3')
    const s3 = await client()
    const put = (name: string, body: string) =>
      s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: [...folder, name].join('/'),
          Body: body,
          ContentType: name.endsWith('.jsonl') ? 'application/jsonl' : 'application/json',
          ...(typeof owner === 'string' && { ExpectedBucketOwner: owner }),
        }),
      )
    const files = { SUCCEEDED: fileOf('SUCCEEDED'), FAILED: fileOf('FAILED'), PENDING: fileOf('PENDING') }
    const close = async (file: ResultFile) => {
      if (file.lines.length === 0) return
      const name = `${file.status}_${file.written.length}.${isLines ? 'jsonl' : 'json'}`
      const body = isLines ? file.lines.map((line) => `${line}\n`).join('') : `[${file.lines.join(',')}]`
      await put(name, body)
      file.written.push({ Key: [...folder, name].join('/'), Size: Buffer.byteLength(body) })
      file.lines = []
      file.bytes = 0
    }
    for await (const result of results) {
      const file = files[result.status === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED']
      for (const line of linesOf(result, String(transformation))) {
        file.lines.push(line)
        file.bytes += Buffer.byteLength(line)
      }
      if (file.bytes > LARGEST_FILE_BYTES) await close(file)
    }
    for (const file of Object.values(files)) await close(file)
    const manifest = {
      DestinationBucket: bucket,
      MapRunArn: mapRunArn,
      ResultFiles: {
        FAILED: files.FAILED.written,
        PENDING: files.PENDING.written,
        SUCCEEDED: files.SUCCEEDED.written,
      },
    }
    await put('manifest.json', JSON.stringify(manifest))
    return {
      MapRunArn: mapRunArn,
      ResultWriterDetails: { Bucket: bucket, Key: [...folder, 'manifest.json'].join('/') },
    }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) }
    throw new MapRunFault('States.ResultWriterFailed', `${name}: ${message}`)
  }
}

interface ResultFile {
  readonly status: string
  readonly written: { Key: string; Size: number }[]
  lines: string[]
  bytes: number
}

const fileOf = (status: string): ResultFile => ({ status, written: [], lines: [], bytes: 0 })

/** `COMPACT` and `FLATTEN` tell outputs only, of what has succeeded. */
export function linesOf({ status, output, description }: ChildResult, transformation: string): string[] {
  if (transformation === 'NONE' || status !== 'SUCCEEDED' || output === null) return [JSON.stringify(description)]
  if (transformation === 'COMPACT') return [output]
  const value = JSON.parse(output) as Json
  return Array.isArray(value) ? value.map((element) => JSON.stringify(element)) : [output]
}
