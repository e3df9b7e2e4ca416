import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import jsqr from 'jsqr'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { startTestService, type TestService } from '../kit/testService.ts'
import { imageSize } from './imageSize.ts'
import { type ExampleRecord, runExample } from './runExamples.ts'

const INSTALLING_MS = 240_000
const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'express-api')

let service: TestService
let out: TemporaryFolder
let output: string
let records: readonly ExampleRecord[]

beforeAll(async () => {
  service = await startTestService()
  out = temporaryFolder()
  ;({ output, records } = await runExample(service, 'express-api', out.path))
}, INSTALLING_MS)

afterAll(async () => {
  out?.[Symbol.dispose]()
  await service?.[Symbol.asyncDispose]()
})

test('every request is answered with its HTTP status, the failures with problem details', () => {
  expect(Object.fromEntries(records.map((record) => [record.case, record.summary.split(', ').slice(0, 2)]))).toEqual({
    '01-health': ['HTTP 200', 'application/json'],
    '02-qr-svg': ['HTTP 200', 'image/svg+xml'],
    '03-qr-png': ['HTTP 200', 'image/png'],
    '04-wifi-png': ['HTTP 201', 'image/png'],
    '05-markdown': ['HTTP 200', 'text/html'],
    '06-bad-size': ['HTTP 400', 'application/problem+json'],
    '07-broken-json': ['HTTP 400', 'application/problem+json'],
    '08-not-found': ['HTTP 404', 'application/problem+json'],
  })
})

test('the app sees which version of the function it is', async () => {
  const health = JSON.parse((await outputOf('01-health')).toString())
  expect(health).toMatchObject({ status: 'ok', functionVersion: '1', node: expect.stringMatching(/^v20\./) })
})

test('the picture of a code has the size that was asked for, and reads as the text that was asked for', async () => {
  const picture = await outputOf('03-qr-png')
  expect(imageSize(picture)).toEqual({ format: 'png', width: 240, height: 240 })
  expect(textOf(picture)).toBe('Grüße aus Zürich')
})

test("a network's code escapes what has a meaning of its own", async () => {
  expect(textOf(await outputOf('04-wifi-png'))).toBe('WIFI:T:WPA;S:Café \\"Nord\\"\\; Gäste;P:p4ss\\:word\\,\\\\1;;')
})

test('a document in base64 becomes HTML, and raw HTML in it stays text', async () => {
  const html = (await outputOf('05-markdown')).toString()
  expect(html).toContain('<h1>Release notes</h1>')
  expect(html).toContain('<td>Faster search</td>')
  expect(html).toContain('&lt;script&gt;')
  expect(html).not.toContain('<script>')
})

test('the app logs every request with its status', () => {
  for (const { logTail, summary } of records) {
    expect(logTail).toMatch(new RegExp(`(GET|POST|DELETE) /\\S+ ${summary.slice(5, 8)} [\\d.]+ ms`))
  }
})

test('one environment serves all requests: the first start is cold, the others are warm', () => {
  expect(records.map(({ attempt }) => attempt.isColdStart)).toEqual(records.map((_, index) => index === 0))
})

test('every attempt is measured, and billed for its duration rounded up', () => {
  for (const { attempt, status } of records) {
    expect(status).toBe('SUCCEEDED')
    expect(attempt.billedDurationMs).toBeGreaterThanOrEqual(Math.ceil(attempt.durationMs))
    expect(attempt.maxMemoryUsedMiB).toBeGreaterThan(10)
    expect(attempt.cost).toMatch(/^\d+\.\d+$/)
  }
})

test('a second run finds all in its place: it installs, uploads and publishes nothing', async () => {
  using again = temporaryFolder()
  const second = await runExample(service, 'express-api', again.path)
  expect(output).toMatch(/uploaded \d+ bytes as a code package/)
  expect(second.output).toContain('dependencies are installed')
  expect(second.output).toContain('example-express-api has this code already')
  expect(second.output).not.toMatch(/npm ci|uploaded|updated|created/)
  expect(second.records.map(({ version, codeSha256 }) => [version, codeSha256])).toEqual(
    records.map(({ version, codeSha256 }) => [version, codeSha256]),
  )
})

async function outputOf(name: string): Promise<Buffer> {
  return await readFile(records.find((record) => record.case === name)!.files[0]!)
}

/** What a telephone would read. The decoder of QR codes shares no code with what drew them. */
function textOf(png: Buffer): string | undefined {
  const { PNG } = createRequire(join(EXAMPLE, 'package.json'))('pngjs') as {
    PNG: { sync: { read(bytes: Buffer): { data: Buffer; width: number; height: number } } }
  }
  const { data, width, height } = PNG.sync.read(png)
  return jsqr.default(new Uint8ClampedArray(data), width, height)?.data
}
