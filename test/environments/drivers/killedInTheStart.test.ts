import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { asNobody } from '../../kit/asNobody.ts'
import { startChild } from '../../kit/childProcess.ts'
import { eventually } from '../../kit/eventually.ts'
import { transpile } from '../../kit/transpile.ts'

const isRoot = process.getuid?.() === 0

let script: string
beforeAll(async () => {
  script = await transpile(fileURLToPath(new URL('../../fixtures/killSandboxes.ts', import.meta.url)), 'killSandboxes')
})

/** Command lines that hold a word, which is to be in those of sandboxes alone. */
function commandsWith(word: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })
    .filter((command) => command.includes(word) && !command.includes(script))
}

const services: Record<string, { readonly hasRights: boolean; readonly by: 'SHELL' | 'SPAWNED' }> = {
  ...(isRoot && {
    'is root, with control groups': { hasRights: true, by: 'SHELL' },
    'is root and starts them itself': { hasRights: true, by: 'SPAWNED' },
  }),
  'is not root, without control groups': { hasRights: false, by: 'SHELL' },
}

describe.each(Object.entries(services))('of a service that %s', (_who, { hasRights, by }) => {
  let seconds: string
  afterEach(() => {
    spawnSync('pkill', ['-KILL', '-f', seconds])
  })

  function start(what: 'EACH' | 'CROWD') {
    // So many that no other sleep has the same.
    seconds = `${90_000 + Math.random()}`
    const command = [process.execPath, script, what, seconds, by]
    const [program, ...args] = hasRights ? command : asNobody(command)
    return startChild(program!, args, { cwd: '/', env: { PATH: process.env['PATH'] } })
  }

  it('a sandbox that is killed at whatever moment of its start leaves no process', async () => {
    const child = start('EACH')
    expect([await child.ended, child.output()]).toEqual([0, ''])
    expect(commandsWith(seconds)).toEqual([])
  })

  it.each([0, 2, 4, 6, 8, 12])('those that start leave no process when it is killed %i ms later', async (laterMs) => {
    const child = start('CROWD')
    const [, folder] = await child.says(/started in (\S+)/)
    await setTimeout(laterMs)
    child.process.kill('SIGKILL')
    await child.ended
    rmSync(folder!, { recursive: true, force: true })
    await eventually(() => expect(commandsWith(seconds)).toEqual([]))
  })
})
