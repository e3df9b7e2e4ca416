import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openDataFolder } from '../../src/db/dataFolder.ts'
import { lockFile, lockHolder } from '../../src/db/folderLock.ts'
import { identifyProcess } from '../../src/db/processIdentity.ts'
import { StartFault } from '../../src/errors.ts'
import { startChild } from '../kit/childProcess.ts'
import { temporaryFolder } from '../kit/temporaryFolder.ts'
import { transpile } from '../kit/transpile.ts'

const refusal = (pid: number) => `held by ${pid}`

describe('a data folder', () => {
  test('is created on first use and keeps its instance id', () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'new', 'data')
    const first = openDataFolder(path)
    first[Symbol.dispose]()
    using second = openDataFolder(path)
    expect(second.instanceId).toBe(first.instanceId)
    expect(second.instanceId).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('in use is refused in one line that names the process', () => {
    using folder = temporaryFolder()
    using _first = openDataFolder(folder.path)
    expect(() => openDataFolder(folder.path)).toThrow(
      new StartFault(
        `the data folder ${folder.path} is in use by another instance (process ${process.pid}); stop it or choose another --data-dir`,
      ),
    )
  })

  test('that cannot be is refused in one line', () => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'file'), '')
    expect(() => openDataFolder(join(folder.path, 'file'))).toThrow(/cannot be written: it is not a folder$/)
    expect(() => openDataFolder(join(folder.path, 'file', 'x'))).toThrow(
      /cannot be written: a part of its path is a file$/,
    )
    // A folder of the kernel's own, which refuses root too.
    expect(() => openDataFolder('/proc/lambdaql')).toThrow(
      /^the data folder \/proc\/lambdaql cannot be written: [^\n]+$/,
    )
  })
})

describe('a lock', () => {
  test('leaves nothing behind when it is given back', () => {
    using folder = temporaryFolder()
    const lock = lockFile(join(folder.path, 'lock'), refusal)
    expect(lockHolder(join(folder.path, 'lock'))).toEqual(identifyProcess(process.pid))
    lock[Symbol.dispose]()
    expect(readdirSync(folder.path)).toEqual([])
  })

  test.each([
    ['of a process that has ended', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'some time' })],
    ['of a process whose number another one has by now', JSON.stringify({ pid: process.pid, startedAt: 'long ago' })],
    ['that is not readable', '{"pid":'],
  ])('%s is taken over', (_, content) => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'lock')
    writeFileSync(path, content)
    using _lock = lockFile(path, refusal)
    expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid)
    expect(readdirSync(folder.path)).toEqual(['lock'])
  })

  test('is taken over even where a process died while it took one over', () => {
    using folder = temporaryFolder()
    const dead = JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'some time' })
    for (const name of ['lock', 'lock.takeover', 'lock.takeover.takeover']) writeFileSync(join(folder.path, name), dead)
    using _lock = lockFile(join(folder.path, 'lock'), refusal)
    expect(readdirSync(folder.path)).toEqual(['lock'])
  })

  describe('that several processes try to take over at the same moment', () => {
    let script: string
    beforeAll(async () => {
      script = await transpile(join(import.meta.dirname, '..', 'fixtures', 'raceForLock.ts'), 'raceForLock')
    })

    test.each([1, 2, 3])('has one winner (round %i)', async () => {
      using folder = temporaryFolder()
      const path = join(folder.path, 'lock')
      writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'some time' }))
      const startAt = String(Date.now() + 700)
      const racers = Array.from({ length: 6 }, () => startChild(process.execPath, [script, path, startAt]))
      const results = await Promise.all(racers.map(async (racer) => (await racer.says(/(won|lost)/))[1]))
      const winner = racers[results.indexOf('won')]!
      expect(results.filter((result) => result === 'won')).toHaveLength(1)
      expect(lockHolder(path)?.pid).toBe(winner.process.pid)
      for (const racer of racers) racer.process.kill('SIGKILL')
      await Promise.all(racers.map((racer) => racer.ended))

      // And what kill -9 leaves is taken over again.
      using _lock = lockFile(path, refusal)
      expect(lockHolder(path)?.pid).toBe(process.pid)
    })
  })
})

test('a process that nobody has waited for is not taken for a living one', async () => {
  // The shell's child ends at once, and the shell never waits for it.
  const shell = startChild('/bin/sh', ['-c', 'sleep 0 & echo "child $!"; exec sleep 60'])
  const [, pid] = await shell.says(/child (\d+)/)
  await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'latin1')).toMatch(/\) Z /)
  expect(identifyProcess(Number(pid))).toBeNull()
  shell.process.kill('SIGKILL')
  await shell.ended
})
