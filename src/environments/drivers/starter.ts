import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, constants, mkdtempSync, openSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { identifyProcess, isAlive, type ProcessIdentity } from '../../db/processIdentity.ts'
import { PlatformFault } from '../../errors.ts'
import { type Resolvers, withResolvers } from '../../model/withResolvers.ts'
import type { Stdio } from './coverInherited.ts'
import { ANSWERS, orderLine, type ProgramDescriptors, starterCommand } from './starterCommand.ts'

/** A program that was started, and the service's ends of its pipes. They are the taker's to read and to destroy. */
export interface StartedProgram {
  readonly pid: number
  /** By descriptor. */
  readonly inputs: ReadonlyMap<number, Writable>
  readonly outputs: ReadonlyMap<number, Readable>
  kill(): void
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
 */
export class Starter {
  readonly #folder: string
  readonly #descriptors: ProgramDescriptors
  readonly #cover: (stdio: readonly Stdio[]) => Stdio[]
  readonly #answers = new Map<string, Resolvers<number>>()
  #shell: Shell | null = null
  #ids: string[] = []
  #pipes: Promise<void> | null = null
  #complaint = ''

  /**
   * `folder`, which is there, is where pipes are made: nobody tidies it up meanwhile. `cover` says what the shell is
   * started with, in place of what this process has open.
   */
  constructor(folder: string, descriptors: ProgramDescriptors, cover: (stdio: readonly Stdio[]) => Stdio[]) {
    this.#folder = folder
    this.#descriptors = descriptors
    this.#cover = cover
  }

  /** Starts a program as a member of control groups. Rejects with a PlatformFault that says why it could not. */
  async start(command: readonly string[], memberFiles: readonly string[]): Promise<StartedProgram> {
    const { id, shell } = await this.#takePipes()
    const { inputs, outputs } = this.#descriptors
    const path = (descriptor: number) => join(shell.folder, `${id}.${descriptor}`)
    const open = (descriptor: number, flags: number) => openSync(path(descriptor), flags | O_NONBLOCK)
    const opened: number[] = []
    try {
      // Somebody has to hold the ends that it reads: it would find their end otherwise.
      const held = inputs.map((descriptor) => open(descriptor, O_RDWR))
      opened.push(...held)
      const read = outputs.map((descriptor) => open(descriptor, O_RDONLY))
      opened.push(...read)
      const pid = await this.#order(shell, id, ['start', id, ...memberFiles, '--', ...command])
      const identity = identifyProcess(pid)
      const written = inputs.map((descriptor) => open(descriptor, O_WRONLY))
      for (const file of held) closeSync(file)
      return {
        pid,
        inputs: new Map(written.map((fd, index) => [inputs[index]!, new Socket({ fd, readable: false })])),
        outputs: new Map(read.map((fd, index) => [outputs[index]!, new Socket({ fd, writable: false })])),
        kill: () => kill(identity),
      }
    } catch (error) {
      for (const file of opened) closeSync(file)
      throw error
    } finally {
      for (const descriptor of [...inputs, ...outputs]) remove(path(descriptor))
    }
  }

  /** Ends the shell, and with it all programs that end with their parent. */
  stop(): void {
    const shell = this.#shell
    this.#forget('it was stopped')
    shell?.process.stdin?.end()
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
    const command = starterCommand(this.#descriptors)
    const shell = spawn('/bin/sh', command, { stdio: this.#cover(stdio), env: {}, cwd: folder })
    const streams: readonly unknown[] = shell.stdio
    for (const stream of streams) (stream as Readable | null)?.on('error', () => undefined)
    shell.stderr?.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString('utf8')).slice(-1_000)
    })
    createInterface({ input: streams[ANSWERS] as Readable }).on('line', (line) => this.#hear(line.split(' ')))
    const end = (reason: string) => {
      rmSync(folder, { recursive: true, force: true })
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
