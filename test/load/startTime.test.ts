import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Child, startChild } from '../kit/childProcess.ts'
import { READY } from '../kit/serviceProcess.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { transpile } from '../kit/transpile.ts'

let script: string
let folder: TemporaryFolder
const children: Child[] = []

beforeAll(async () => {
  script = await transpile(join(import.meta.dirname, '..', 'fixtures', 'smallService.ts'), 'smallService')
  folder = temporaryFolder()
})
afterAll(async () => {
  await Promise.all(children.map(stop))
  folder[Symbol.dispose]()
})

async function start(): Promise<Child> {
  const child = startChild(process.execPath, [script, '--data-dir', folder.path, '--port', '0'])
  children.push(child)
  await child.says(READY)
  return child
}

async function stop(child: Child): Promise<void> {
  child.process.kill('SIGTERM')
  await child.ended
}

test('a start on existing data is ready within two seconds', async () => {
  await stop(await start())
  const startedAt = performance.now()
  await start()
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})
