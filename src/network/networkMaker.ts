import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { identifyProcess, isAlive, type ProcessIdentity } from '../db/processIdentity.ts'
import { PlatformFault } from '../errors.ts'
import { withResolvers } from '../model/withResolvers.ts'
import type { SandboxNetwork } from './contract.ts'
import { makerCommand } from './makerCommand.ts'

/** What a network is made of. */
export interface NetworkOptions {
  /** User that the way out belongs to; null where it is the service's own, which is not root. */
  readonly uid: number | null
  readonly rules: string
}

/** Paths of the programs that make networks. */
export interface NetworkPrograms {
  readonly nft: string
  readonly nsenter: string
  readonly setpriv: string
  readonly slirp4netns: string
  readonly unshare: string
}

/** A network as its rules were when it was made. */
export interface MadeNetwork extends Omit<SandboxNetwork, 'isCurrent'> {
  /** Whether there is a way out at this moment. */
  isOpen(): boolean
}

/** Makes networks. */
export interface NetworkMaker {
  /**
   * Makes a network: a user and a network namespace with the rules in force, which two open files of this process keep,
   * and slirp4netns, a TCP/IP stack in user space that carries what leaves them. It runs without any right on the host,
   * and ends with this process. Rejects with a PlatformFault that says what failed.
   */
  make(options: NetworkOptions): Promise<MadeNetwork>
  /** Has it make no more, and end with the last of its networks. */
  stop(): void
}

/** A network that is being made, or is there. */
interface Made {
  readonly shell: ChildProcess
  readonly options: NetworkOptions
  readonly ready: { resolve(network: MadeNetwork): void; reject(error: Error): void }
  readonly closed: { readonly promise: Promise<void>; resolve(): void }
  holder: ProcessIdentity | null
  carrier: ProcessIdentity | null
  files: readonly number[]
}

const LONGEST_MS = 10_000
/** Descriptors of the shell: what it says, and what ends all that it has made when the service ends. */
const [SAYS, LIFE] = [3, 4]

/**
 * Starts the shell that makes networks, with the first network that is asked for. A process that starts others is copied
 * each time, its memory's tables at least: of this service that takes longer than making a network, of a shell next to
 * nothing. With `hasOwnTun`, which takes root, it has a device of its own, that the users of networks may open.
 */
export function createNetworkMaker(programs: NetworkPrograms, hasOwnTun: boolean): NetworkMaker {
  const networks = new Map<string, Made>()
  let shell: ChildProcess | null = null
  let isStopping = false
  let complaint = ''
  let count = 0

  function start(): ChildProcess {
    const [program, ...args] = makerCommand(programs, SAYS, LIFE, hasOwnTun)
    const started = spawn(program!, args, {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe', 'pipe'],
      env: {},
      cwd: '/',
    })
    const streams: readonly unknown[] = started.stdio
    for (const stream of streams) (stream as Readable | null)?.on('error', () => undefined)
    const endAll = () => {
      for (const [id, made] of networks) if (made.shell === started) end(id)
    }
    started.once('error', (error) => {
      complaint = error.message
      shell = null
      endAll()
    })
    started.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-1_000)
    })
    createInterface({ input: streams[SAYS] as Readable }).on('line', (line) => hear(line.split(' ')))
    started.once('exit', () => {
      if (shell === started) shell = null
    })
    // All that it has started has ended by then, too.
    started.once('close', endAll)
    return started
  }

  function hear([what, id, pid]: readonly string[]): void {
    const made = networks.get(id!)
    if (made === undefined) {
      // It was given up before it began.
      if (what === 'holder' || what === 'carrier') kill(identifyProcess(Number(pid)))
      return
    }
    switch (what) {
      case 'holder':
        made.holder = identifyProcess(Number(pid))
        break
      case 'carrier':
        made.carrier = identifyProcess(Number(pid))
        break
      case 'ready':
        hold(made)
        break
      case 'ended':
        // What its programs complained of is there to be read, too.
        setImmediate(end, id!)
        break
    }
  }

  /** Opens the namespaces, which nobody else needs to keep from now on. */
  function hold(made: Made): void {
    const { uid } = made.options
    try {
      made.files = ['user', 'net'].map((name) => openSync(`/proc/${made.holder?.pid}/ns/${name}`, 'r'))
    } catch (error) {
      complaint = (error as Error).message
      close(made)
      return
    }
    kill(made.holder)
    const [user, net] = made.files as [number, number]
    const path = (file: number) => `/proc/${process.pid}/fd/${file}`
    // Who is root needs no rights in that user namespace; who is not has none elsewhere.
    const enter = [programs.nsenter, ...(uid === null ? [`--user=${path(user)}`, '--preserve-credentials'] : [])]
    made.ready.resolve({
      enter: [...enter, `--net=${path(net)}`, '--'],
      namespaces: { user: uid === null ? user : null, net },
      isOpen: () => made.carrier !== null && isAlive(made.carrier),
      closed: made.closed.promise,
      close: () => close(made),
    })
  }

  /** Only its owner closes the files: another's could then bear the numbers that `enter` names. */
  function close(made: Made): void {
    kill(made.holder)
    kill(made.carrier)
    for (const file of made.files) closeSync(file)
    made.files = []
  }

  function end(id: string): void {
    const made = networks.get(id)
    if (made === undefined) return
    networks.delete(id)
    kill(made.holder)
    kill(made.carrier)
    const reason = complaint.trim().split('\n').at(-1) || 'it ended'
    made.ready.reject(new PlatformFault(`a network could not be made: ${reason}`))
    made.closed.resolve()
    endIfDone()
  }

  function endIfDone(): void {
    if (!isStopping || networks.size > 0) return
    shell?.stdin?.end()
    const streams: readonly unknown[] = shell?.stdio ?? []
    ;(streams[LIFE] as Writable | undefined)?.end()
  }

  return {
    async make(options) {
      shell ??= start()
      count += 1
      const id = String(count)
      const ready = withResolvers<MadeNetwork>()
      const made: Made = { shell, options, ready, closed: withResolvers(), holder: null, carrier: null, files: [] }
      networks.set(id, made)
      const timer = setTimeout(() => {
        complaint = 'it hangs'
        end(id)
      }, LONGEST_MS)
      shell.stdin?.write(`${id} ${options.uid ?? '-'} ${inOneLine(options.rules)}\n`)
      try {
        return await ready.promise
      } finally {
        clearTimeout(timer)
      }
    },
    stop() {
      isStopping = true
      endIfDone()
    },
  }
}

/** Where nft reads a line end it reads a semicolon as well. */
function inOneLine(rules: string): string {
  return rules.replaceAll('\n', ';')
}

function kill(identity: ProcessIdentity | null): void {
  if (identity === null || !isAlive(identity)) return
  try {
    process.kill(identity.pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
