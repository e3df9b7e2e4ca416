import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../../src/environments/contract.ts'
import { eventually } from '../../kit/eventually.ts'
import { createTestEnvironments, type TestEnvironments } from '../../kit/testEnvironments.ts'

const ECHO = { 'index.js': 'exports.handler = async (event) => event' }
const PAUSE_MS = 400

/** Waits until so many sandboxes are started ahead, and their runtimes too. */
async function untilPrestarted({ pool }: TestEnvironments, count: number): Promise<void> {
  await eventually(() => expect(pool.prestarted().count).toBe(count))
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
}

/** Tells when its process began: that of one that was started ahead before anybody asked for it. */
const BEGIN = { 'index.js': 'exports.handler = async () => Date.now() - process.uptime() * 1000' }

async function isPrestarted(kit: TestEnvironments, spec: EnvironmentSpec): Promise<boolean> {
  const askedAtMs = Date.now()
  const { value, isColdStart } = await kit.run(spec)
  expect(isColdStart).toBe(true)
  return (value as number) < askedAtMs
}

describe('a sandbox that is started ahead', () => {
  it('is there for a shape that is expected, and its first environment only loads the code', async () => {
    await using kit = createTestEnvironments({ prestarted: 1 })
    const spec = kit.spec(BEGIN)
    expect(kit.pool.prestarted()).toEqual({ count: 0, memoryMiB: 0 })
    kit.pool.expect(spec)
    await untilPrestarted(kit, 1)
    expect(kit.pool.prestarted().memoryMiB).toBe(128)
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 0, grantedMiB: 0 })
    expect(await isPrestarted(kit, spec)).toBe(true)
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 1, grantedMiB: 128 })
  })

  it('is replaced when it was taken', async () => {
    await using kit = createTestEnvironments({ prestarted: 1 })
    await kit.run(kit.spec(ECHO))
    for (let count = 0; count < 2; count += 1) {
      await untilPrestarted(kit, 1)
      expect(await isPrestarted(kit, kit.spec(BEGIN))).toBe(true)
    }
  })

  it('is for its shape alone: another memory, runtime, disk, network or list of layers takes none of it', async () => {
    await using kit = createTestEnvironments({ prestarted: 1 })
    kit.pool.expect(kit.spec(BEGIN))
    await untilPrestarted(kit, 1)
    const layerSha256s = [kit.layer({ 'data.txt': '1' })]
    for (const change of [{ memoryMiB: 256 }, { ephemeralStorageMiB: 600 }, { networkAccess: 'NONE' as const }]) {
      expect(await isPrestarted(kit, kit.spec(BEGIN, change))).toBe(false)
    }
    expect(await isPrestarted(kit, kit.spec(BEGIN, { layerSha256s }))).toBe(false)
    const old = kit.spec(BEGIN)
    await kit.run(kit.spec({ 'index.py': 'handler = lambda event, context: event' }, { runtime: 'python3.11' }))
    expect(await isPrestarted(kit, old)).toBe(true)
  })

  it('has everything that another environment has', async () => {
    const show = `exports.handler = async () => ({
      env: { ...process.env, _X_AMZN_TRACE_ID: undefined, AWS_LAMBDA_LOG_STREAM_NAME: undefined },
      files: [process.cwd(), '/opt', '/tmp', '/var'].map((folder) => require('fs').readdirSync(folder).sort()),
      module: [__filename, require('./lib/one.js'), require('data'), require.resolve('data')],
      cwd: process.cwd(), heap: require('v8').getHeapStatistics().heap_size_limit,
      limits: require('fs').readFileSync('/proc/self/limits', 'utf8'),
      uid: typeof process.getuid(), argv: process.argv,
    })`
    const files = { 'index.js': show, 'lib/one.js': 'module.exports = __dirname', 'package.json': '{}' }
    const shown: unknown[] = []
    for (const prestarted of [0, 1]) {
      await using kit = createTestEnvironments({ prestarted })
      const layerSha256s = [kit.layer({ 'nodejs/node_modules/data/index.js': 'module.exports = 42' })]
      const spec = kit.spec(files, { layerSha256s, environment: { MINE: 'äöü\n' } })
      if (prestarted > 0) {
        kit.pool.expect(spec)
        await untilPrestarted(kit, 1)
      }
      shown.push((await kit.run(spec)).value)
    }
    expect(shown[1]).toEqual(shown[0])
    expect(shown[0]).toMatchObject({
      env: { AWS_LAMBDA_FUNCTION_NAME: 'tested', AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand', MINE: 'äöü\n' },
      module: ['/var/task/index.js', '/var/task/lib', 42, '/opt/nodejs/node_modules/data/index.js'],
    })
  })

  it('sees its code read-only, and no other code', async () => {
    await using kit = createTestEnvironments({ prestarted: 2 })
    const attempt = `exports.handler = async () => {
      const fs = require('fs'), tries = {}
      for (const [name, act] of Object.entries({
        write: () => fs.writeFileSync('/var/task/index.js', 'x'), add: () => fs.writeFileSync('/var/task/new', 'x'),
        change: () => fs.chmodSync('/var/task/index.js', 0o777), remove: () => fs.unlinkSync('/var/task/index.js'),
        rename: () => fs.renameSync('/var/task/index.js', '/var/task/b'), link: () => fs.linkSync('/var/task/index.js', '/tmp/a'),
      })) { try { act(); tries[name] = 'done' } catch (error) { tries[name] = error.code } }
      return { tries, found: fs.readdirSync('/var/task') }
    }`
    kit.pool.expect(kit.spec(ECHO))
    await untilPrestarted(kit, 2)
    const spec = kit.spec({ 'index.js': attempt })
    const { value } = await kit.run(spec)
    expect(value).toEqual({
      tries: { write: 'EROFS', add: 'EROFS', change: 'EROFS', remove: 'EROFS', rename: 'EROFS', link: 'EXDEV' },
      found: ['index.js'],
    })
    expect((await kit.run(kit.spec(ECHO), { n: 1 })).value).toEqual({ n: 1 })
  })

  it('is assigned once, and what is left of it goes when its environment ends', async () => {
    const kit = createTestEnvironments({ prestarted: 1 })
    kit.pool.expect(kit.spec(ECHO))
    await untilPrestarted(kit, 1)
    const { value } = await kit.run(kit.spec({ 'index.js': 'exports.handler = async () => process.cwd()' }))
    expect(value).toBe('/var/task')
    await untilPrestarted(kit, 1)
    expect(kit.slots()).toHaveLength(2)
    await kit.pool.stop()
    expect(kit.slots()).toEqual([])
    await kit[Symbol.asyncDispose]()
  })

  it('stays for others where there is too much code to lay into it', async () => {
    await using kit = createTestEnvironments({ prestarted: 1 })
    kit.pool.expect(kit.spec(BEGIN))
    await untilPrestarted(kit, 1)
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`data/${n}.txt`, '']))
    expect(await isPrestarted(kit, kit.spec({ ...BEGIN, ...many }))).toBe(false)
    expect(await isPrestarted(kit, kit.spec(BEGIN))).toBe(true)
  })

  it('takes its function’s memory limit with it', async () => {
    await using kit = createTestEnvironments({ prestarted: 1 })
    const grow = `exports.handler = async () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1)) }`
    kit.pool.expect(kit.spec(ECHO))
    await untilPrestarted(kit, 1)
    const { value, maxMemoryMiB } = await kit.run(kit.spec({ 'index.js': grow }))
    expect(value).toMatchObject({ errorType: 'Runtime.OutOfMemory' })
    expect(maxMemoryMiB).toBe(128)
  })

  it('makes room for environments that somebody waits for', async () => {
    await using kit = createTestEnvironments({ prestarted: 1, memoryBudgetMiB: 512 })
    kit.pool.expect(kit.spec(ECHO))
    await untilPrestarted(kit, 1)
    await Promise.all(
      Array.from({ length: 4 }, () => kit.run(kit.spec(ECHO, { memoryMiB: 128, networkAccess: 'NONE' }))),
    )
    expect(kit.pool.stats().grantedMiB).toBe(512)
    expect(kit.pool.prestarted()).toEqual({ count: 0, memoryMiB: 0 })
  })

  it('is not there where none is wanted', async () => {
    await using kit = createTestEnvironments({ prestarted: 0 })
    kit.pool.expect(kit.spec(ECHO))
    await kit.run(kit.spec(ECHO))
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    expect(kit.pool.prestarted()).toEqual({ count: 0, memoryMiB: 0 })
  })

  it('that has ended is not given to anybody', async () => {
    await using kit = createTestEnvironments({ prestarted: 1 })
    kit.pool.expect(kit.spec(ECHO))
    await untilPrestarted(kit, 1)
    for (const pid of sandboxesOf(kit)) killIfThere(pid)
    await eventually(() => expect(kit.pool.prestarted()).toEqual({ count: 0, memoryMiB: 0 }))
    expect((await kit.run(kit.spec(ECHO), { n: 1 })).value).toEqual({ n: 1 })
  })
})

/** The end of one process of a sandbox is that of the others. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ESRCH')
  }
}

/** The first process of each sandbox that sees a slot of the kit as its code: its working folder is one. */
function sandboxesOf(kit: TestEnvironments): number[] {
  const folders = kit.slots()
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
        return folders.some((folder) => mounts.includes(folder))
      } catch {
        return false
      }
    })
}
