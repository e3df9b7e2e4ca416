import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { arch } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { StartFault } from '../../errors.ts'
import type { OutboundNetwork, SandboxNetwork } from '../../network/contract.ts'
import type { Unprivileged } from './bubblewrapArguments.ts'
import { exitCodeOf, type StartedBubblewrap } from './bubblewrapStart.ts'
import { type ControlGroup, openControlGroups } from './cgroups.ts'
import type { Driver, Sandbox, SandboxEnd, SandboxSpec } from './contract.ts'
import { coverInherited } from './coverInherited.ts'
import { readHostTree } from './hostTree.ts'
import { probe } from './probe.ts'
import { childrenOf, descendantsOf, isRunning, memoryOf } from './processes.ts'
import type { ChildEnd } from './sandboxChild.ts'
import { type ChildProcesses, sandboxOfChild } from './sandboxOfChild.ts'
import { type SeccompArchitecture, seccompProgram } from './seccomp.ts'
import { spawnBubblewrap } from './spawnBubblewrap.ts'
import { BUBBLEWRAP_PIPES, canStartThroughShell, FILTER_DESCRIPTOR, startBubblewrap } from './startBubblewrap.ts'
import { Starter } from './starter.ts'

export interface BubblewrapOptions {
  /** Path of the `bwrap` program. */
  readonly program: string
  /** Folder with the sandbox's own /etc files. */
  readonly rootfs: string
  /** Folder of this driver alone: it is made, and what was left in it is removed. */
  readonly runFolder: string
  /** Where sandboxes with network access get theirs from; null where they have none. */
  readonly network: OutboundNetwork | null
}

const FIRST_UID = 200_000
const LAST_UID = 265_535
const MIB_PER_CORE = 1769
const SHARES_PER_CORE = 1024
const MOST_PROCESSES = 1024
/** What bubblewrap and page tables take beside the function itself. */
const OVERHEAD_MIB = 32

/**
 * Isolates with Linux namespaces through bubblewrap, with a seccomp filter and, where the host allows it, control
 * groups. Throws a StartFault that says what to install or to allow where a sandbox cannot be had.
 */
export function createBubblewrapDriver(options: BubblewrapOptions): Driver & Disposable {
  const { program, rootfs, runFolder, network: outbound } = options
  const architecture = arch()
  if (architecture !== 'x64' && architecture !== 'arm64') {
    throw new StartFault(
      `there is no system call filter for the ${architecture} processor; start with --driver process`,
    )
  }
  const host = readHostTree(rootfs)
  const controlGroups = openControlGroups()
  const filter = seccompProgram(architecture satisfies SeccompArchitecture)
  let nextUid = FIRST_UID + (process.pid % 1000) * 50

  function unprivileged(): Unprivileged {
    if (process.getuid?.() !== 0) return { kind: 'NAMESPACE' }
    nextUid = nextUid >= LAST_UID ? FIRST_UID : nextUid + 1
    return { kind: 'SWITCH', uid: nextUid }
  }

  probe(program, host, unprivileged(), filter)
  rmSync(runFolder, { recursive: true, force: true })
  mkdirSync(runFolder, { recursive: true, mode: 0o700 })
  const nothing = openSync('/dev/null', 'r')
  const cover = coverInherited(nothing)
  const starter = canStartThroughShell(runFolder)
    ? new Starter(
        runFolder,
        {
          inputs: BUBBLEWRAP_PIPES.inputs,
          outputs: BUBBLEWRAP_PIPES.outputs,
          contents: { [FILTER_DESCRIPTOR]: filter },
        },
        cover,
      )
    : null

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
      const start = { spec, user: unprivileged(), network, memberFiles: group?.memberFiles ?? [] }
      try {
        const started =
          starter === null || spec.hasRuntimeApi
            ? await spawnBubblewrap({ program, host, filter, cover }, start)
            : await startBubblewrap({ program, host, starter }, start)
        return await runningSandbox(started, spec, { group, network })
      } catch (error) {
        network?.close()
        group?.remove()
        throw error
      }
    },
    [Symbol.dispose]() {
      starter?.stop()
      closeSync(nothing)
      rmSync(runFolder, { recursive: true, force: true })
    },
  }
  return driver
}

function runningSandbox(
  { child, status, runtimeApi }: StartedBubblewrap,
  spec: SandboxSpec,
  { group, network }: { group: ControlGroup | null; network: SandboxNetwork | null },
): Promise<Sandbox> {
  // Bubblewrap itself, outside and as the first process inside, only waits: it need neither be measured nor stopped.
  const own = [child.pid]
  const ids = () => {
    if (own.length === 1) own.push(...childrenOf(child.pid))
    return (group?.processIds() ?? descendantsOf(child.pid)).filter((each) => !own.includes(each))
  }
  // Its parent's death ends the first process of the sandbox, and the kernel then ends all others.
  let killed: readonly number[] = []
  const processes: ChildProcesses = {
    ids,
    measure() {
      const memory = memoryOf(ids())
      // The group counts what processes share only once.
      return { ...memory, anonymousMiB: group?.usedMiB() ?? memory.anonymousMiB }
    },
    chargedMiB: () => group?.chargedMiB() ?? null,
    kill() {
      if (group === null) killed = ids()
      child.kill()
    },
    async settle(end) {
      // Bubblewrap says how the command ended, unless it was killed itself or never came to start it.
      const wasStarted = end.code === null || exitCodeOf(await status) !== null
      const isOutOfMemory = group?.wasOutOfMemory() ?? false
      await untilGone(() => group?.processIds() ?? killed.filter(isRunning))
      // Before the files of the network: nobody may connect by what they were.
      ;(await runtimeApi.catch(() => null))?.close()
      network?.close()
      group?.remove()
      return { ...commandEnd(end), isOutOfMemory, wasStarted }
    },
  }
  // Without its way out an environment would fail at all that comes: another is better.
  void network?.closed.then(processes.kill)
  return sandboxOfChild(child, spec, processes, runtimeApi)
}

/** Bubblewrap answers with 128 + signal where its command was ended by one. */
function commandEnd({ code, signal }: ChildEnd): Pick<SandboxEnd, 'exitCode' | 'signal'> {
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
