import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, lstatSync, openSync, readdirSync, readlinkSync } from 'node:fs'
import { arch } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { StartFault } from '../../errors.ts'
import type { OutboundNetwork, SandboxNetwork } from '../../network/contract.ts'
import { bubblewrapCall, type HostTree, RUNTIME_API_DESCRIPTOR, type Unprivileged } from './bubblewrapArguments.ts'
import { type ControlGroup, openControlGroups } from './cgroups.ts'
import {
  type Driver,
  EXTENSIONS_DESCRIPTOR,
  REPORTS_DESCRIPTOR,
  type RuntimeApiAccess,
  type Sandbox,
  type SandboxSpec,
} from './contract.ts'
import { inheritedDescriptors } from './inheritedDescriptors.ts'
import { openRuntimeApi, runtimeApiStdio } from './openRuntimeApi.ts'
import { descendantsOf, isRunning, memoryOf } from './processes.ts'
import { type ChildProcesses, sandboxOfChild } from './sandboxOfChild.ts'
import { type SeccompArchitecture, seccompProgram } from './seccomp.ts'

export interface BubblewrapOptions {
  /** Path of the `bwrap` program. */
  readonly program: string
  /** Folder with the sandbox's own /etc files. */
  readonly rootfs: string
  /** Where sandboxes with network access get theirs from; null where they have none. */
  readonly network: OutboundNetwork | null
}

/** Descriptors of bubblewrap: 3 and 4 belong to the function's protocol, 7 to 9 to extensions. */
const SECCOMP_DESCRIPTOR = 5
const ARGUMENTS_DESCRIPTOR = 6
const STATUS_DESCRIPTOR = 10

type Stdio = 'ignore' | 'pipe' | 'ipc' | number

const FIRST_UID = 200_000
const LAST_UID = 265_535
const MIB_PER_CORE = 1769
const SHARES_PER_CORE = 1024
const MOST_PROCESSES = 1024
const LONGEST_PROBE_MS = 10_000
/** What bubblewrap and page tables take beside the function itself. */
const OVERHEAD_MIB = 32

/**
 * Isolates with Linux namespaces through bubblewrap, with a seccomp filter and, where the host allows it, control
 * groups. Throws a StartFault that says what to install or to allow where a sandbox cannot be had.
 */
export function createBubblewrapDriver({ program, rootfs, network: outbound }: BubblewrapOptions): Driver & Disposable {
  const architecture = arch()
  if (architecture !== 'x64' && architecture !== 'arm64') {
    throw new StartFault(
      `there is no system call filter for the ${architecture} processor; start with --driver process`,
    )
  }
  const host = readHostTree(rootfs)
  const controlGroups = openControlGroups()
  const filter = seccompProgram(architecture satisfies SeccompArchitecture)
  probe(program, host, filter)
  const inherited = inheritedDescriptors()
  const nothing = openSync('/dev/null', 'r')
  let nextUid = FIRST_UID + (process.pid % 1000) * 50

  function unprivileged(): Unprivileged {
    if (process.getuid?.() !== 0) return { kind: 'NAMESPACE' }
    nextUid = nextUid >= LAST_UID ? FIRST_UID : nextUid + 1
    return { kind: 'SWITCH', uid: nextUid }
  }

  /** What the service was started with open is not the function's: beyond the sandbox's own, it is nothing. */
  function covered(stdio: Stdio[]): Stdio[] {
    for (const descriptor of inherited) {
      while (stdio.length < descriptor) stdio.push('ignore')
      stdio[descriptor] ??= nothing
    }
    return stdio
  }

  const driver: Driver & Disposable = {
    name: 'bubblewrap',
    paths: { task: () => '/var/task', runtime: () => '/var/runtime', layers: () => '/opt' },
    shortcomings: controlGroups.shortcomings,
    async start(spec) {
      const network = spec.networkAccess === 'INTERNET' ? ((await outbound?.take()) ?? null) : null
      const group = controlGroups.create(spec.name, {
        memoryMiB: spec.memoryMiB + spec.ephemeralStorageMiB + OVERHEAD_MIB,
        processes: MOST_PROCESSES,
        cpuShares: Math.round((spec.memoryMiB / MIB_PER_CORE) * SHARES_PER_CORE),
      })
      const user = unprivileged()
      const call = bubblewrapCall(spec, host, user, SECCOMP_DESCRIPTOR, network !== null)
      try {
        // A member of the groups before it becomes bubblewrap, so that nothing of the sandbox is ever outside of them.
        const child = spawn(
          '/bin/sh',
          [
            ...['-c', JOIN_GROUPS, 'sh', ...(group?.memberFiles ?? []), '--'],
            ...(network?.enter ?? []),
            ...[program, '--json-status-fd', String(STATUS_DESCRIPTOR), '--args', String(ARGUMENTS_DESCRIPTOR)],
            ...call.command,
          ],
          {
            stdio: covered(stdioOf(spec, user)),
            env: {},
            cwd: '/',
          },
        )
        tell(child, SECCOMP_DESCRIPTOR, filter)
        tell(child, ARGUMENTS_DESCRIPTOR, `${call.options.join('\0')}\0`)
        return await runningSandbox(child, spec, { group, network }, (status) =>
          openRuntimeApi(child, status, host, user, network),
        )
      } catch (error) {
        network?.close()
        group?.remove()
        throw error
      }
    },
    [Symbol.dispose]: () => closeSync(nothing),
  }
  return driver
}

/** What a sandbox is started with, by descriptor. */
function stdioOf({ hasRuntimeApi, isSupervised }: SandboxSpec, user: Unprivileged): Stdio[] {
  const supervised = isSupervised ? 'pipe' : 'ignore'
  const stdio: Stdio[] = [supervised, 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe']
  stdio[EXTENSIONS_DESCRIPTOR] = supervised
  stdio[RUNTIME_API_DESCRIPTOR] = hasRuntimeApi ? runtimeApiStdio(user) : 'ignore'
  stdio[REPORTS_DESCRIPTOR] = supervised
  stdio[STATUS_DESCRIPTOR] = 'pipe'
  return stdio
}

/** Writes all that a child is to read from a descriptor. If it has ended before, its end says so. */
function tell(child: Spawned, descriptor: number, content: string | Buffer): void {
  const streams: readonly unknown[] = child.stdio
  const stream = streams[descriptor] as Writable
  stream.on('error', () => undefined)
  stream.end(content)
}

/** Writes the shell into each control group up to `--`, then becomes what stands behind it. */
const JOIN_GROUPS = 'while [ "$1" != -- ]; do echo 0 > "$1"; shift; done; shift; exec "$@"'

type Spawned = ReturnType<typeof spawn>

function runningSandbox(
  child: Spawned,
  spec: SandboxSpec,
  { group, network }: { group: ControlGroup | null; network: SandboxNetwork | null },
  openApi: (status: Readable) => Promise<RuntimeApiAccess>,
): Promise<Sandbox> {
  const streams: readonly unknown[] = child.stdio
  const statusStream = streams[STATUS_DESCRIPTOR] as Readable
  const runtimeApi = spec.hasRuntimeApi ? openApi(statusStream) : Promise.resolve(null)
  const status = textOf(statusStream)
  const ids = () => (group?.processIds() ?? descendantsOf(child.pid!)).filter((each) => each !== child.pid)
  // Its parent's death ends the first process of the sandbox, and the kernel then ends all others.
  let killed: readonly number[] = []
  const processes: ChildProcesses = {
    ids,
    measure() {
      const memory = memoryOf(ids())
      // The group counts what processes share only once.
      return { ...memory, anonymousMiB: group?.usedMiB() ?? memory.anonymousMiB }
    },
    kill() {
      if (group === null) killed = ids()
      child.kill('SIGKILL')
    },
    async settle(code, signal) {
      // Bubblewrap says how the command ended, unless it was killed itself or never came to start it.
      const wasStarted = code === null || (await status).includes('"exit-code"')
      const isOutOfMemory = group?.wasOutOfMemory() ?? false
      await untilGone(() => group?.processIds() ?? killed.filter(isRunning))
      // Before the files of the network: nobody may connect by what they were.
      ;(await runtimeApi.catch(() => null))?.close()
      network?.close()
      group?.remove()
      return { ...endOf(code, signal), isOutOfMemory, wasStarted }
    },
  }
  // Without its way out an environment would fail at all that comes: another is better.
  void network?.closed.then(processes.kill)
  return sandboxOfChild(child, spec, processes, () => runtimeApi)
}

async function textOf(stream: Readable): Promise<string> {
  let text = ''
  try {
    for await (const chunk of stream) text += String(chunk)
  } catch {
    // What was read until then counts.
  }
  return text
}

/** Bubblewrap answers with 128 + signal where its command was ended by one. */
function endOf(
  code: number | null,
  signal: NodeJS.Signals | null,
): { exitCode: number | null; signal: NodeJS.Signals | null } {
  if (code === null) return { exitCode: null, signal }
  const SIGNAL_BASE = 128
  const names: Readonly<Record<number, NodeJS.Signals>> = {
    6: 'SIGABRT',
    7: 'SIGBUS',
    8: 'SIGFPE',
    9: 'SIGKILL',
    11: 'SIGSEGV',
    15: 'SIGTERM',
  }
  const name = names[code - SIGNAL_BASE]
  return name === undefined ? { exitCode: code, signal: null } : { exitCode: null, signal: name }
}

const GONE_TRIES = 400
const GONE_PAUSE_MS = 5

/** The kernel takes a moment to end the last processes of a sandbox, all the longer the more memory they had. */
async function untilGone(left: () => readonly number[]): Promise<void> {
  for (let tries = GONE_TRIES; tries > 0 && left().length > 0; tries--) await setTimeout(GONE_PAUSE_MS)
}

function readHostTree(rootfs: string): HostTree {
  const topFolders = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'].filter((path) => existsSync(path))
  const shared = [
    '/etc/ssl',
    '/etc/pki',
    '/etc/ca-certificates',
    '/etc/ld.so.cache',
    '/etc/alternatives',
    '/etc/localtime',
    // Interpreters whose own files the distribution has put here: theirs in /usr are links.
    ...readdirSync('/etc')
      .filter((name) => /^(java(-\d+-openjdk)?|crypto-policies|mono)$/.test(name))
      .map((name) => join('/etc', name)),
  ]
  return {
    topFolders: topFolders.map((path) => ({
      path,
      linkTarget: lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null,
    })),
    shared: shared.filter((path) => existsSync(path)),
    rootfs,
    listener: join(rootfs, 'var', 'listen.cjs'),
    connector: join(rootfs, 'var', 'connect.cjs'),
  }
}

/** Starts a sandbox that does nothing, to know at once, and not at the first invocation, that there can be one. */
function probe(program: string, host: HostTree, filter: Buffer): void {
  const spec: SandboxSpec = {
    name: 'probe',
    languageFolder: null,
    command: ['/bin/true'],
    codeFolder: host.rootfs,
    layersFolder: null,
    links: {},
    bootstrapFolder: host.rootfs,
    environment: {},
    hasRuntimeApi: false,
    isSupervised: false,
    networkAccess: 'NONE',
    memoryMiB: 128,
    ephemeralStorageMiB: 1,
  }
  const unprivileged: Unprivileged =
    process.getuid?.() === 0 ? { kind: 'SWITCH', uid: FIRST_UID } : { kind: 'NAMESPACE' }
  const { options, command } = bubblewrapCall(spec, host, unprivileged, 0, false)
  const { status, stderr, error } = spawnSync(program, [...options, ...command], {
    input: filter,
    env: {},
    timeout: LONGEST_PROBE_MS,
  })
  if (status === 0) return
  const reason = error?.message ?? stderr.toString('utf8').trim().split('\n').at(-1)
  throw new StartFault(
    `functions cannot be isolated on this machine: ${reason}. Allow unprivileged user namespaces ` +
      '(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), run as root, ' +
      'or give isolation up with --driver process',
  )
}
