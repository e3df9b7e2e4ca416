import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { PlatformFault } from '../errors.ts'
import type { SandboxNetwork } from './contract.ts'
import { SANDBOX_NETWORK } from './firewall.ts'

/** What a network is made of. */
export interface NetworkOptions {
  readonly programs: NetworkPrograms
  /** User that the way out belongs to; null where it is the service's own, which is not root. */
  readonly uid: number | null
  readonly rules: string
}

/** Paths of the programs that make a network. */
export interface NetworkPrograms {
  readonly ip: string
  readonly nft: string
  readonly nsenter: string
  readonly prlimit: string
  readonly setpriv: string
  readonly slirp4netns: string
  readonly unshare: string
}

const LONGEST_MS = 10_000
/** The user-space stack moves more at a time over a link that drops nothing. */
const MTU = '65520'
/** A function has at most 1,024 descriptors, so connections; what opens more by forking loses its network, and ends. */
const LIMITS = ['--nofile=1200:1200', `--as=${512 * 1024 * 1024}`, '--core=0:0', '--']
const READY_DESCRIPTOR = 3
const EXIT_DESCRIPTOR = 4

/** Sets the rules before there is a way out, then keeps the namespaces until its input ends. */
const HOLD = '"$1" link set lo up && "$2" "$3" && echo ready && read -r _'

/**
 * Makes a network: a user and a network namespace with the rules in force, which two open files of this process keep,
 * and slirp4netns, a TCP/IP stack in user space that carries what leaves them. It runs without any right on the host,
 * and ends with this process. Rejects with a PlatformFault that says what failed.
 */
export async function openNetwork({ programs, uid, rules }: NetworkOptions): Promise<SandboxNetwork> {
  const asUser = uid === null ? [] : [programs.setpriv, `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--']
  const hold = start(
    [
      ...asUser,
      ...[programs.unshare, '--user', '--map-root-user', '--net', '--'],
      ...['/bin/sh', '-c', HOLD, 'sh', programs.ip, programs.nft, rules],
    ],
    ['pipe', 'pipe', 'pipe'],
  )
  const files: number[] = []
  let carrier: ChildProcess | null = null
  let isClosed = false
  // Only its owner closes the files: another's could then bear the numbers that `enter` names.
  const close = () => {
    if (isClosed) return
    isClosed = true
    carrier?.kill('SIGKILL')
    files.forEach(closeSync)
  }
  try {
    await said(hold, hold.stdout as Readable, 'the network namespace')
    for (const name of ['user', 'net']) files.push(openSync(`/proc/${hold.pid}/ns/${name}`, 'r'))
    carrier = start(
      [
        ...asUser,
        ...[
          programs.prlimit,
          ...LIMITS,
          programs.slirp4netns,
          '--configure',
          `--mtu=${MTU}`,
          `--cidr=${SANDBOX_NETWORK}`,
        ],
        ...['--disable-host-loopback', '--enable-sandbox', '--enable-seccomp'],
        ...[`--ready-fd=${READY_DESCRIPTOR}`, `--exit-fd=${EXIT_DESCRIPTOR}`],
        ...[`--userns-path=/proc/${hold.pid}/ns/user`, String(hold.pid), 'tap0'],
      ],
      ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    )
    const closed = new Promise<void>((resolve) => carrier?.once('exit', () => resolve()))
    const streams: readonly unknown[] = carrier.stdio
    ;(streams[EXIT_DESCRIPTOR] as Writable).on('error', () => undefined)
    await said(carrier, streams[READY_DESCRIPTOR] as Readable, 'slirp4netns')
    const [user, net] = files as [number, number]
    const path = (file: number) => `/proc/${process.pid}/fd/${file}`
    // Who is root needs no rights in that user namespace; who is not has none elsewhere.
    const enter = [programs.nsenter, ...(uid === null ? [`--user=${path(user)}`, '--preserve-credentials'] : [])]
    const namespaces = { user: uid === null ? user : null, net }
    return { enter: [...enter, `--net=${path(net)}`, '--'], namespaces, closed, close }
  } catch (error) {
    close()
    throw error
  } finally {
    hold.stdin?.end()
  }
}

function start(command: readonly string[], stdio: ('ignore' | 'pipe')[]): ChildProcess {
  const [program, ...args] = command
  const child = spawn(program!, args, { stdio, env: {}, cwd: '/' })
  child.stdin?.on('error', () => undefined)
  return child
}

/** Resolves when a child has said anything on a stream; rejects, having ended it, when it ends or takes too long. */
async function said(child: ChildProcess, stream: Readable, name: string): Promise<void> {
  let complaint = ''
  // Read for as long as it lives: what it says later must not stop it.
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-1_000)
  })
  const timer = new AbortController()
  try {
    await Promise.race([
      new Promise<void>((resolve, reject) => {
        stream.once('data', () => resolve())
        child.once('error', reject)
        child.once('close', () => reject(new Error(complaint.trim().split('\n').at(-1) || 'it ended')))
      }),
      setTimeout(LONGEST_MS, undefined, { signal: timer.signal }).then(() => Promise.reject(new Error('it hangs'))),
    ])
  } catch (error) {
    child.kill('SIGKILL')
    throw new PlatformFault(`${name} could not be made: ${(error as Error).message}`, { cause: error })
  } finally {
    timer.abort()
    stream.resume()
  }
}
