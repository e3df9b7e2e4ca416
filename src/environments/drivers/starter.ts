import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, constants, mkdtempSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { Socket, type SocketConstructorOpts } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { identifyProcess, isAlive, type ProcessIdentity } from '../../db/processIdentity.ts'
import { PlatformFault } from '../../errors.ts'
import { type Resolvers, withResolvers } from '../../model/withResolvers.ts'
import type { Stdio } from './coverInherited.ts'
import { removeFolder } from './removeFolder.ts'
import { ANSWERS, ORDERS, orderLine, type ProgramDescriptors, starterCommand } from './starterCommand.ts'

/** A process that is ready to become a program. It is its taker's, to have it become one or to `kill`. */
export interface ReadyProgram {
  readonly pid: number
  /** Whether it is still there, and would end with its parent. */
  isWaiting(): boolean
  /** Call it once. Where the process is gone by now, its pipes have ended. */
  become(command: readonly string[]): StartedProgram
  kill(): void
}

/** A program that was started, and the service's ends of its pipes. They are the taker's to read and to destroy. */
export interface StartedProgram {
  /** By descriptor. */
  readonly inputs: ReadonlyMap<number, Writable>
  readonly outputs: ReadonlyMap<number, Readable>
}

interface Shell {
  readonly process: ChildProcess
  /** Where the pipes are. */
  readonly folder: string
}

const LONGEST_MS = 10_000
/** So many programs' pipes are made at a time: making them is a program as well. */
const PIPES_AHEAD = 16
const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants

/**
 * Starts programs through a shell. A process that starts others is copied each time, its memory's tables at least, and
 * pays again for each page that it writes next: for this service that is 9 ms of a processor, in which it does nothing
 * else; for a shell next to nothing. A shell cannot hand streams on, so they are named pipes: each for one program, gone
 * by name as soon as that has them.
 *
 * A process is made ready before it is known what program it will be: joining a control group takes the kernel 5 to
 * 25 ms, in which it waits until no processor can be looking at the old one.
 */
export class Starter {
  readonly #folder: string
  readonly #descriptors: ProgramDescriptors
  readonly #groups: string | null
  readonly #cover: (stdio: readonly Stdio[]) => Stdio[]
  readonly #answers = new Map<string, Resolvers<number>>()
  #shell: Shell | null = null
  #ids: string[] = []
  #pipes: Promise<void> | null = null
  #complaint = ''

  /**
   * `folder`, which is there, is where pipes are made: nobody tidies it up meanwhile. Members of the control groups whose
   * folders begin with `groups` end with the shell, whoever has started them. `cover` says what the shell is started with, in
   * place of what this process has open.
   */
  constructor(
    folder: string,
    descriptors: ProgramDescriptors,
    groups: string | null,
    cover: (stdio: readonly Stdio[]) => Stdio[],
  ) {
    this.#folder = folder
    this.#descriptors = descriptors
    this.#groups = groups
    this.#cover = cover
  }

  /** Makes a process that is a member of control groups. Rejects with a PlatformFault that says why it could not. */
  async prepare(memberFiles: readonly string[]): Promise<ReadyProgram> {
    const { id, shell } = await this.#takePipes()
    const { inputs, outputs } = this.#descriptors
    const path = (descriptor: number) => join(shell.folder, `${id}.${descriptor}`)
    const open = (descriptor: number, flags: number) => openSync(path(descriptor), flags | O_NONBLOCK)
    const files = new Map<number, number>()
    try {
      // Somebody has to hold the ends that it reads: it would find their end otherwise.
      for (const descriptor of [...inputs, ORDERS]) files.set(descriptor, open(descriptor, O_RDWR))
      for (const descriptor of outputs) files.set(descriptor, open(descriptor, O_RDONLY))
      const pid = await this.#order(shell, id, ['ready', id, ...memberFiles])
      for (const descriptor of [...inputs, ORDERS]) {
        const written = open(descriptor, O_WRONLY)
        closeSync(files.get(descriptor)!)
        files.set(descriptor, written)
      }
      return this.#readyProgram(shell, identifyProcess(pid), pid, files)
    } catch (error) {
      for (const file of files.values()) closeSync(file)
      throw error
    } finally {
      for (const descriptor of [...inputs, ...outputs, ORDERS]) remove(path(descriptor))
    }
  }

  /** Sees to it that members of the groups end with this process: those, too, that it starts itself from now on. */
  guard(): void {
    this.#shell ??= this.#startShell()
  }

  /** Ends the shell, and with it all its programs and the members of the groups. */
  stop(): void {
    const shell = this.#shell
    this.#forget('it was stopped')
    shell?.process.stdin?.end()
  }

  /** `files` are this process's ends of the pipes, by descriptor. */
  #readyProgram(
    shell: Shell,
    identity: ProcessIdentity | null,
    pid: number,
    files: ReadonlyMap<number, number>,
  ): ReadyProgram {
    const { inputs, outputs } = this.#descriptors
    const orders = files.get(ORDERS)!
    let isWaiting = true
    return {
      pid,
      isWaiting: () => isWaiting && this.#shell === shell && identity !== null && isAlive(identity),
      become(command) {
        isWaiting = false
        tell(orders, orderLine(command))
        const socket = (descriptor: number, options: SocketConstructorOpts) =>
          [descriptor, new Socket({ fd: files.get(descriptor)!, ...options })] as const
        return {
          inputs: new Map(inputs.map((each) => socket(each, { readable: false }))),
          outputs: new Map(outputs.map((each) => socket(each, { writable: false }))),
        }
      },
      kill() {
        if (isWaiting) for (const file of files.values()) closeSync(file)
        isWaiting = false
        kill(identity)
      },
    }
  }

  async #takePipes(): Promise<{ id: string; shell: Shell }> {
    for (;;) {
      this.#shell ??= this.#startShell()
      const id = this.#ids.pop()
      if (id !== undefined) return { id, shell: this.#shell }
      this.#pipes ??= this.#makePipes(this.#shell)
      await this.#pipes
    }
  }

  async #makePipes(shell: Shell): Promise<void> {
    const ids = Array.from({ length: PIPES_AHEAD }, () => randomBytes(8).toString('hex'))
    try {
      await this.#order(shell, ids[0]!, ['pipes', ...ids])
      this.#ids.push(...ids)
    } finally {
      this.#pipes = null
    }
  }

  /** Resolves with the number of the process that was made, if any. */
  async #order({ process: shell }: Shell, id: string, words: readonly string[]): Promise<number> {
    const answer = withResolvers<number>()
    this.#answers.set(id, answer)
    const timer = setTimeout(() => answer.reject(this.#fault('it hangs')), LONGEST_MS)
    try {
      shell.stdin?.write(orderLine(words))
      return await answer.promise
    } finally {
      clearTimeout(timer)
      this.#answers.delete(id)
    }
  }

  #startShell(): Shell {
    const folder = mkdtempSync(join(this.#folder, 'pipes-'))
    for (const [name, content] of Object.entries(this.#descriptors.contents)) writeFileSync(join(folder, name), content)
    const stdio: Stdio[] = ['pipe', 'ignore', 'pipe']
    while (stdio.length < ANSWERS) stdio.push('ignore')
    stdio.push('pipe')
    const command = starterCommand(this.#descriptors, this.#groups)
    const shell = spawn('/bin/sh', command, { stdio: this.#cover(stdio), env: {}, cwd: folder })
    const streams: readonly unknown[] = shell.stdio
    for (const stream of streams) (stream as Readable | null)?.on('error', () => undefined)
    shell.stderr?.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString('utf8')).slice(-1_000)
    })
    createInterface({ input: streams[ANSWERS] as Readable }).on('line', (line) => this.#hear(line.split(' ')))
    const end = (reason: string) => {
      removeFolder(folder)
      if (this.#shell?.process === shell) this.#forget(reason)
    }
    shell.once('error', (error) => end(error.message))
    shell.once('exit', () => end('it ended'))
    return { process: shell, folder }
  }

  #hear([what, id, pid]: readonly string[]): void {
    const answer = this.#answers.get(id!)
    if (what === 'done') answer?.resolve(Number(pid))
    // What complained of it is there to be read, too.
    else setImmediate(() => answer?.reject(this.#fault('it failed')))
  }

  /** The next order goes to a new shell. */
  #forget(reason: string): void {
    this.#shell = null
    this.#ids = []
    for (const { reject } of this.#answers.values()) reject(this.#fault(reason))
  }

  #fault(reason: string): PlatformFault {
    const said = this.#complaint.trim().split('\n').at(-1) || reason
    return new PlatformFault(`a sandbox could not be started: ${said}`)
  }
}

/** Gives a process its order, which a pipe has room for. If it has just ended, the end of its pipes says so. */
function tell(file: number, order: string): void {
  try {
    writeSync(file, order)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  } finally {
    closeSync(file)
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It went with its folder.
  }
}

function kill(identity: ProcessIdentity | null): void {
  if (identity === null || !isAlive(identity)) return
  try {
    process.kill(identity.pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
