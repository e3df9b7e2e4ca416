import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { identifyProcess, isAlive } from '../../../src/db/processIdentity.ts'
import { coverInherited } from '../../../src/environments/drivers/coverInherited.ts'
import { Starter } from '../../../src/environments/drivers/starter.ts'
import { ORDERS, orderLine } from '../../../src/environments/drivers/starterCommand.ts'
import { PlatformFault } from '../../../src/errors.ts'
import { eventually } from '../../kit/eventually.ts'
import { type TemporaryFolder, temporaryFolder } from '../../kit/temporaryFolder.ts'

const INPUT = 3
const OUTPUT = 4
const CONTENT = 5
const DESCRIPTORS = {
  inputs: [INPUT],
  outputs: [1, 2, OUTPUT],
  lastingOutputs: [2],
  contents: { [CONTENT]: Buffer.from('for all') },
}

function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return ''
  }
}

/** A program whose parent is the shell, and that says so. */
const PARENT = ['/bin/sh', '-c', 'echo $PPID; exec sleep 1000']

describe('a starter', () => {
  let folder: TemporaryFolder
  let nothing: number
  let starter: Starter
  beforeEach(() => {
    folder = temporaryFolder()
    nothing = openSync('/dev/null', 'r')
    starter = new Starter(folder.path, DESCRIPTORS, null, coverInherited(nothing))
  })
  afterEach(() => {
    starter.stop()
    closeSync(nothing)
    folder[Symbol.dispose]()
  })

  async function start(command: readonly string[], memberFiles: readonly string[], by = starter) {
    const program = await by.prepare(memberFiles)
    return { ...program, ...program.become(command) }
  }

  /** The number of the shell, asked of a program of its. */
  async function shellOf(): Promise<number> {
    const program = await start(PARENT, [])
    const [said] = (await once(program.outputs.get(1)!, 'data')) as [Buffer]
    program.kill()
    return Number(said)
  }

  it.each(["a 'quoted' word", '"double" $HOME `id` \\', 'two\nlines\n', '', '--', '*', 'ü\u{1f600}', '\t ', '-n'])(
    'hands the word %j on as it is',
    async (word) => {
      const { outputs } = await start(['/usr/bin/printf', '%s|', word, word], [])
      expect(await text(outputs.get(1)!)).toBe(`${word}|${word}|`)
    },
  )

  it('hands bytes on in both directions as they are, and ends its reader when the writer has ended', async () => {
    const sent = Buffer.alloc(3_000_000, 'a different\0 byte\n')
    const { inputs, outputs } = await start(['/bin/sh', '-c', `cat <&${INPUT} >&${OUTPUT}`], [])
    inputs.get(INPUT)!.end(sent)
    expect((await buffer(outputs.get(OUTPUT)!)).equals(sent)).toBe(true)
  })

  it('gives all programs the same contents, and none what is for another, for the shell or for the service', async () => {
    const script = `cat <&${CONTENT}; echo; ls -l /proc/self/fd`
    const programs = await Promise.all([0, 1, 2].map(() => start(['/bin/sh', '-c', script], [])))
    const said = await Promise.all(programs.map(({ outputs }) => text(outputs.get(1)!)))
    for (const each of said) {
      expect(each.split('\n')[0]).toBe('for all')
      const files = [...each.matchAll(/ (\d+) -> (\S+)/g)].map(([, number, target]) => ({ number, target: target! }))
      // What stands in for a file that this process was started with has nothing, and one is the folder that is listed.
      const own = files.filter(({ target }) => target !== '/dev/null' && !target.startsWith('/proc/'))
      expect(own.map(({ number }) => Number(number))).toEqual([1, 2, INPUT, OUTPUT, CONTENT])
    }
  })

  it('gives no program a variable: they would tell a function of the host', async () => {
    const { outputs } = await start(['/bin/cat', '/proc/self/environ'], [])
    expect(await text(outputs.get(1)!)).toBe('')
  })

  it('starts many at the same time, each with its own pipes', async () => {
    const numbers = Array.from({ length: 50 }, (_, index) => index)
    const said = numbers.map(async (number) => {
      const { outputs } = await start(['/bin/echo', String(number)], [])
      return text(outputs.get(1)!)
    })
    expect(await Promise.all(said)).toEqual(numbers.map((number) => `${number}\n`))
  })

  it('makes a program a member of its groups before it is that program', async () => {
    const group = join(folder.path, 'cgroup.procs')
    writeFileSync(group, '')
    const { outputs } = await start(['/bin/cat', group], [group])
    expect(await text(outputs.get(1)!)).toBe('0\n')
  })

  it('leaves no pipe behind that could be opened by its name', async () => {
    const { outputs, kill } = await start(['/bin/sleep', '1000'], [])
    const names = readdirSync(folder.path, { recursive: true, encoding: 'utf8' })
    // What is there is for programs that are not started yet.
    const { outputs: later } = await start(['/bin/true'], [])
    await text(later.get(1)!)
    const { inputs: read, outputs: written } = DESCRIPTORS
    const own = [...read, ...written, ORDERS].length
    expect(readdirSync(folder.path, { recursive: true })).toHaveLength(names.length - own)
    kill()
    await text(outputs.get(1)!)
  })

  it('says why a member of a group could not be had, and goes on', async () => {
    const attempt = start(['/bin/true'], [join(folder.path, 'no', 'group')])
    await expect(attempt).rejects.toThrow(PlatformFault)
    await expect(attempt).rejects.toThrow(/a sandbox could not be started: .*group/)
    const { outputs } = await start(['/bin/echo', 'next'], [])
    expect(await text(outputs.get(1)!)).toBe('next\n')
  })

  it('ends the output of what is no program', async () => {
    const { outputs } = await start(['/bin/no-such-program'], [])
    expect(await text(outputs.get(1)!)).toBe('')
  })

  it('has a process wait that ends when it is not wanted, and is not waiting any more', async () => {
    const program = await starter.prepare([])
    const process = identifyProcess(program.pid)!
    expect(program.isWaiting()).toBe(true)
    program.kill()
    await eventually(() => expect([program.isWaiting(), isAlive(process)]).toEqual([false, false]))
  })

  it('has what waits end when the service does, which holds the other ends of its pipes', async () => {
    const { pid } = await starter.prepare([])
    const waiting = identifyProcess(pid)!
    const ends = readdirSync('/proc/self/fd').filter((each) => linkOf(each).endsWith(`.${ORDERS} (deleted)`))
    expect(ends).toHaveLength(1)
    closeSync(Number(ends[0]))
    await eventually(() => expect(isAlive(waiting)).toBe(false))
  })

  it('takes what waits for a shell that was killed as lost: it would not end with its parent', async () => {
    const shell = identifyProcess(await shellOf())!
    const program = await starter.prepare([])
    process.kill(shell.pid, 'SIGKILL')
    await eventually(() => expect(program.isWaiting()).toBe(false))
    program.kill()
  })

  it('ends the pipes of what has ended before it could become a program', async () => {
    const program = await starter.prepare([])
    const waiting = identifyProcess(program.pid)!
    process.kill(program.pid, 'SIGKILL')
    await eventually(() => expect(isAlive(waiting)).toBe(false))
    expect(await text(program.become(['/bin/echo', 'never']).outputs.get(1)!)).toBe('')
  })

  it('fails what a killed shell was told, and starts the next program through a new one', async () => {
    const shell = identifyProcess(await shellOf())!
    process.kill(shell.pid, 'SIGSTOP')
    const attempt = start(['/bin/true'], [])
    process.kill(shell.pid, 'SIGKILL')
    await expect(attempt).rejects.toThrow(PlatformFault)
    expect(await shellOf()).not.toBe(shell.pid)
    expect(isAlive(shell)).toBe(false)
    // The folder of the first one has gone with it.
    expect(readdirSync(folder.path)).toHaveLength(1)
  })

  it('has its shell end when nobody can give it orders any more, with its folder', async () => {
    const shell = identifyProcess(await shellOf())!
    starter.stop()
    await eventually(() => expect([isAlive(shell), readdirSync(folder.path)]).toEqual([false, []]))
  })

  it('does not kill another process that has come to have the number of one of its programs', async () => {
    const { pid, outputs, kill } = await start(['/bin/true'], [])
    await text(outputs.get(1)!)
    await eventually(() => expect(identifyProcess(pid)).toBeNull())
    expect(kill).not.toThrow()
  })

  it('says what is wrong where no pipe can be made', async () => {
    const lost = join(folder.path, 'lost')
    mkdirSync(lost)
    const other = new Starter(lost, DESCRIPTORS, null, coverInherited(nothing))
    await (await start(['/bin/true'], [], other)).outputs.get(1)!.resume()
    folder[Symbol.dispose]()
    const attempts = Array.from({ length: 20 }, () => start(['/bin/true'], [], other))
    for (const attempt of await Promise.allSettled(attempts)) expect(attempt.status).toBe('rejected')
    other.stop()
  })
})

describe('an order', () => {
  it('is one line, whatever its words hold', () => {
    expect(orderLine(['start', "it's\n", '$x'])).toBe(`'start' 'it'\\''s'"$newline"'' '$x'\n`)
  })
})
