import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { startTestService, type TestService } from '../kit/testService.ts'
import { imageSize } from './imageSize.ts'
import { type ExampleRecord, runExample } from './runExamples.ts'

const INSTALLING_MS = 240_000

let service: TestService
let out: TemporaryFolder
let records: readonly ExampleRecord[]

beforeAll(async () => {
  service = await startTestService()
  out = temporaryFolder()
  records = (await runExample(service, 'thumbnailer', out.path)).records
}, INSTALLING_MS)

afterAll(async () => {
  out?.[Symbol.dispose]()
  await service?.[Symbol.asyncDispose]()
})

test('every thumbnail has the size and the format that were asked for, and none is larger than its source', async () => {
  const paths = records.flatMap(({ files }) => files)
  const sizes = await Promise.all(paths.map(async (path) => [basename(path), imageSize(await readFile(path))]))
  expect(Object.fromEntries(sizes)).toEqual({
    'lake-large.jpg': { format: 'jpeg', width: 800, height: 533 },
    'lake-small.jpg': { format: 'jpeg', width: 320, height: 213 },
    'lake-square.jpg': { format: 'jpeg', width: 128, height: 128 },
    // It is stored lying on its side, 900 x 600, with a note to turn it.
    'lake-portrait-large.jpg': { format: 'jpeg', width: 533, height: 800 },
    'lake-portrait-small.jpg': { format: 'jpeg', width: 213, height: 320 },
    'lake-portrait-square.jpg': { format: 'jpeg', width: 128, height: 128 },
    'badge-large.png': { format: 'png', width: 640, height: 640 },
    'badge-small.png': { format: 'png', width: 320, height: 320 },
    'badge-square.png': { format: 'png', width: 128, height: 128 },
  })
})

test('thumbnails are smaller files than their source', async () => {
  const source = await readFile(new URL('../../examples/thumbnailer/input/lake.jpg', import.meta.url))
  const files = records.find((record) => record.case === 'lake.jpg')!.files
  for (const path of files) expect((await readFile(path)).length).toBeLessThan(source.length / 2)
})

test('each size is logged as it is made, between START and REPORT', () => {
  for (const { logTail, requestId } of records) {
    const lines = logTail.trimEnd().split('\n')
    const start = lines.findIndex((line) => line.startsWith(`START RequestId: ${requestId}`))
    const report = lines.findIndex((line) => line.startsWith(`REPORT RequestId: ${requestId}`))
    const between = lines.slice(start, report).join('\n')
    for (const text of ['decoded image/', 'large: ', 'small: ', 'square: ']) expect(between).toContain(text)
  }
})

test('one environment serves all images: the first start is cold, the others are warm', () => {
  expect(records.map(({ attempt }) => attempt.isColdStart)).toEqual([true, false, false])
})
