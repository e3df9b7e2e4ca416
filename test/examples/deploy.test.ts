import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { startTestService, type TestService } from '../kit/testService.ts'
import type { ExampleRecord } from './runExamples.ts'

const LIBRARY = join(import.meta.dirname, '..', '..', 'examples', 'lib')

interface Example {
  readonly name: string
  readonly folder: string
  readonly function: { readonly functionName: string; readonly timeoutSeconds: number }
  readonly code: readonly string[]
  readCases(): Promise<readonly { name: string; event: unknown }[]>
}

interface Parts {
  readonly EXAMPLES: readonly Example[]
  runExample(service: object, example: Example, out: string, log: (line: string) => void): Promise<ExampleRecord[]>
  createService(access: { endpoint: string; token: string }): object
  zipFolder(folder: string, names: readonly string[]): Promise<{ bytes: Buffer; sha256: string }>
  sumDecimals(numbers: readonly string[]): string
}

let parts: Parts
let service: TestService
let folder: TemporaryFolder
let example: Example
let said: string[]

beforeAll(async () => {
  // The script's parts are plain JavaScript, so their types are stated above and checked by use.
  const files = ['catalogue', 'runExample', 'service', 'zipFolder', 'sumDecimals']
  const modules = await Promise.all(
    files.map((name) => import(/* @vite-ignore */ pathToFileURL(join(LIBRARY, `${name}.mjs`)).href)),
  )
  parts = Object.assign({}, ...modules) as Parts
  service = await startTestService()
})

afterAll(() => service?.[Symbol.asyncDispose]())

beforeEach(async ({ onTestFinished }) => {
  folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const original = parts.EXAMPLES.find(({ name }) => name === 'csv-report')!
  await Promise.all(original.code.map((name) => cp(join(original.folder, name), join(folder.path, name))))
  const readCases = async () => [{ name: 'small', event: { csv: SMALL } }]
  example = { ...original, folder: folder.path, readCases }
  said = []
})

const SMALL = `order_id,order_date,region,product,category,quantity,unit_price,discount_percent
SO-1,2025-01-31,North,Cup,Things,2,3.50,0
`

const run = (changed: Partial<Example> = {}) =>
  parts.runExample(
    parts.createService({ endpoint: service.url, token: service.token }),
    { ...example, ...changed },
    join(folder.path, 'out'),
    (line) => said.push(line),
  )

test('new code and new configuration each become a new version, and what did not change is left alone', async () => {
  expect((await run())[0]!.version).toBe('1')
  expect(said).toContain('created example-csv-report')

  await writeFile(join(folder.path, 'chart.py'), 'def draw_chart(cross, title):\n    return "<svg/>"\n')
  said = []
  expect((await run())[0]!.version).toBe('2')
  expect(said.filter((line) => line.startsWith('updated'))).toEqual(['updated the code of example-csv-report'])

  said = []
  expect((await run({ function: { ...example.function, timeoutSeconds: 20 } }))[0]!.version).toBe('3')
  expect(said.filter((line) => line.startsWith('updated'))).toEqual(['updated the configuration of example-csv-report'])
})

test("a function's exception is a problem with the function's own words", async () => {
  const readCases = async () => [{ name: 'no-table', event: { csv: 'a,b\n1,2\n' } }]
  const [record] = await run({ readCases })
  expect(record).toMatchObject({
    status: 'FAILED',
    problem: expect.stringMatching(/^ValueError: The table has no column order_id, order_date, /),
    attempt: { outcome: 'FAILED' },
  })
})

test('the same files give the same archive, in whichever order they are named', async () => {
  const first = await parts.zipFolder(folder.path, example.code)
  const second = await parts.zipFolder(folder.path, example.code.toReversed())
  expect(second.sha256).toBe(first.sha256)
  expect(second.bytes.equals(first.bytes)).toBe(true)
})

test.each([
  { numbers: [], sum: '0' },
  { numbers: ['0.1', '0.2'], sum: '0.3' },
  { numbers: ['0.000000417', '12', '-0.5'], sum: '11.500000417' },
  { numbers: ['-0.25', '0.1'], sum: '-0.15' },
])('$numbers add up to $sum exactly', ({ numbers, sum }) => {
  expect(parts.sumDecimals(numbers)).toBe(sum)
})
