import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readPostmasterFile } from '../../src/db/postgres/postmasterFile.ts'
import { identifyProcess } from '../../src/db/processIdentity.ts'
import { withDatabase } from '../../src/db/url.ts'
import { type Child, startChild } from '../kit/childProcess.ts'
import { postgresUrl } from '../kit/postgresUrl.ts'
import { READY } from '../kit/serviceProcess.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { createTestDatabase } from '../kit/testDatabase.ts'
import { transpile } from '../kit/transpile.ts'

let script: string
let folder: TemporaryFolder
let children: Child[]
beforeAll(async () => {
  script = await transpile(join(import.meta.dirname, '..', 'fixtures', 'smallService.ts'), 'smallService')
})
beforeEach(() => {
  folder = temporaryFolder()
  children = []
})
afterEach(async () => {
  for (const child of children) {
    if (identifyProcess(child.process.pid!) !== null) child.process.kill('SIGTERM')
    await child.ended
  }
  folder[Symbol.dispose]()
})

function start(args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Child {
  const child = startChild(process.execPath, [script, '--data-dir', folder.path, '--port', '0', ...args], {
    env: { PATH: process.env['PATH'], ...environment },
  })
  children.push(child)
  return child
}

const postgresPid = () => readPostmasterFile(join(folder.path, 'postgres'))?.pid ?? null

describe('starting', () => {
  test('prints the link with the token, keeps the token for its owner, and a second start prints the same', async () => {
    const first = start()
    const [, , token] = await first.says(READY)
    expect(token).toBeTruthy()
    expect(readFileSync(join(folder.path, 'access-token'), 'utf8').trim()).toBe(token)
    expect(statSync(join(folder.path, 'access-token')).mode & 0o777).toBe(0o600)
    first.process.kill('SIGTERM')
    expect(await first.ended).toBe(0)

    const second = start()
    const [, , again] = await second.says(READY)
    expect(again).toBe(token)
    expect(second.output()).not.toContain('migrated')
  })

  test('on a data folder in use says so in one line and leaves the other alone', async () => {
    const first = start()
    const [, url] = await first.says(READY)
    const second = start()
    expect(await second.ended).toBe(1)
    expect(second.output()).toBe(
      `lambdaql: the data folder ${folder.path} is in use by another instance (process ${first.process.pid}); stop it or choose another --data-dir\n`,
    )
    expect((await fetch(url!)).status).toBe(200)
  })

  test('on a port that is taken says so in one line, and no PostgreSQL stays behind', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await vi.waitUntil(() => blocker.address() !== null)
    const { port } = blocker.address() as { port: number }
    const child = start(['--port', String(port)])
    expect(await child.ended).toBe(1)
    expect(child.output().trim().split('\n').at(-1)).toBe(
      `lambdaql: port ${port} on 127.0.0.1 is taken; choose another with --port`,
    )
    expect(postgresPid()).toBeNull()
    blocker.close()
  })

  test('without its database says where and why in one line, and never repeats the password', async () => {
    const child = start(['--database-url', 'postgresql://me:secret@127.0.0.1:1/nowhere'])
    expect(await child.ended).toBe(1)
    expect(child.output()).toMatch(
      /^lambdaql: the database at 127\.0\.0\.1:1\/nowhere cannot be used: connect ECONNREFUSED 127\.0\.0\.1:1\n$/,
    )
  })

  test('takes a database that it is given, and leaves it running', async () => {
    await using given = await createTestDatabase()
    const child = start(['--database-url', given.url])
    const [, url] = await child.says(READY)
    expect((await fetch(url!)).status).toBe(200)
    expect(postgresPid()).toBeNull()
    child.process.kill('SIGTERM')
    expect(await child.ended).toBe(0)
    await expect(given.database.pool.query('SELECT 1')).resolves.toBeTruthy()
    expect(withDatabase(given.url, 'postgres')).toBe(postgresUrl())
  })

  test('with a mistake on the command line touches nothing', async () => {
    const child = start(['--port', 'http'])
    expect(await child.ended).toBe(1)
    expect(child.output()).toBe('lambdaql: --port must be a whole number from 0 to 65535, not "http"\n')
    expect(postgresPid()).toBeNull()
  })
})

describe('stopping', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s answers what runs, stops PostgreSQL and exits with 0',
    async (signal) => {
      const child = start()
      const [, url] = await child.says(READY)
      const server = postgresPid()!
      const slow = fetch(`${url}/slow?ms=400`)
      await fetch(url!)
      child.process.kill(signal)
      // npm passes on what the terminal has already sent.
      child.process.kill(signal)
      expect(await (await slow).json()).toEqual({ count: 0 })
      expect(await child.ended).toBe(0)
      expect(identifyProcess(server)).toBeNull()
      expect(child.output()).toContain('stopping; running invocations may finish')
    },
  )

  test('during the start leaves nothing running', async () => {
    const child = start()
    await child.says(/creating the database/)
    child.process.kill('SIGINT')
    expect(await child.ended).toBe(0)
    expect(child.output()).not.toMatch(READY)
    expect(postgresPid()).toBeNull()
  })

  test('a second signal ends the process at once, and PostgreSQL soon after', async () => {
    const child = start([], { NEVER_STOPS: 'yes' })
    await child.says(READY)
    const server = postgresPid()!
    child.process.kill('SIGINT')
    await child.says(/stopping/)
    // Signals within half a second of the first are taken for the same one.
    await vi.waitUntil(
      () => {
        child.process.kill('SIGINT')
        return identifyProcess(child.process.pid!) === null
      },
      { timeout: 5_000, interval: 100 },
    )
    expect(await child.ended).toBe(1)
    await vi.waitUntil(() => identifyProcess(server) === null, { timeout: 10_000 })
  })
})

test('after kill -9 the next start stops the PostgreSQL that was left and goes on with the data', async () => {
  const killed = start()
  const [, , token] = await killed.says(READY)
  const left = postgresPid()!
  killed.process.kill('SIGKILL')
  await killed.ended
  expect(identifyProcess(left)).not.toBeNull()

  const next = start()
  const [, , again] = await next.says(READY)
  expect(again).toBe(token)
  expect(identifyProcess(left)).toBeNull()
  expect(postgresPid()).not.toBe(left)
})

test('when its PostgreSQL is killed the service goes on with a new one', async () => {
  const child = start()
  const [, url] = await child.says(READY)
  const killed = postgresPid()!
  process.kill(killed, 'SIGKILL')
  await child.says(/PostgreSQL runs again/)
  expect(await (await fetch(url!)).json()).toEqual({ count: 0 })
  expect(postgresPid()).not.toBe(killed)
})
