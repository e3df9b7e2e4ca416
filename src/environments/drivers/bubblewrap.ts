import { closeSync, mkdirSync, openSync } from 'node:fs'
import { arch } from 'node:os'
import { StartFault } from '../../errors.ts'
import type { OutboundNetwork, SandboxNetwork } from '../../network/contract.ts'
import { createApiNetworks } from './apiNetworks.ts'
import type { Unprivileged } from './bubblewrapArguments.ts'
import { type BubblewrapStart, exitCodeOf, type StartedBubblewrap } from './bubblewrapStart.ts'
import { type ControlGroup, type ControlGroupLimits, openControlGroups } from './cgroups.ts'
import type { Driver, Sandbox, SandboxEnd, SandboxSpec } from './contract.ts'
import { coverInherited } from './coverInherited.ts'
import { readHostTree } from './hostTree.ts'
import { createPlaces } from './places.ts'
import { probe } from './probe.ts'
import { childrenOf, descendantsOf, isRunning, killAll, killTree, memoryOf } from './processes.ts'
import { removeFolder } from './removeFolder.ts'
import type { ChildEnd } from './sandboxChild.ts'
import { type ChildProcesses, sandboxOfChild } from './sandboxOfChild.ts'
import { type SeccompArchitecture, seccompProgram } from './seccomp.ts'
import { spawnBubblewrap } from './spawnBubblewrap.ts'
import { BUBBLEWRAP_PIPES, canStartThroughShell, FILTER_DESCRIPTOR, startBubblewrap } from './startBubblewrap.ts'
import { type ReadyProgram, Starter } from './starter.ts'

export interface BubblewrapOptions {
  /** Path of the `bwrap` program. */
  readonly program: string
  /** Folder with the sandbox's own /etc files. */
  readonly rootfs: string
  /** Folder of this driver alone: it is made, and what was left in it is removed. */
  readonly runFolder: string
  /** Where sandboxes with network access get theirs from; null where they have none. */
  readonly network: OutboundNetwork | null
  /** Told what failed that nobody waited for. */
  readonly onError: (error: unknown) => void
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
  const { program, rootfs, runFolder, network: outbound, onError } = options
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
  removeFolder(runFolder)
  mkdirSync(runFolder, { recursive: true, mode: 0o700 })
  const nothing = openSync('/dev/null', 'r')
  const cover = coverInherited(nothing)
  const descriptors = { ...BUBBLEWRAP_PIPES, contents: { [FILTER_DESCRIPTOR]: filter } }
  const starter = canStartThroughShell(runFolder)
    ? new Starter(runFolder, descriptors, controlGroups.prefix, cover)
    : null
  const places = starter === null ? null : createPlaces(starter, controlGroups, onError)
  const apiNetworks = outbound === null ? null : createApiNetworks(outbound, host, onError)

  /** What a sandbox finds when it starts: a way out, or none; and its Runtime API, where it can be opened from outside. */
  async function takeNetwork(
    { networkAccess, hasRuntimeApi }: SandboxSpec,
    { kind }: Unprivileged,
  ): Promise<Pick<BubblewrapStart, 'network' | 'api'>> {
    if (outbound === null || apiNetworks === null || networkAccess !== 'INTERNET') return { network: null, api: null }
    if (hasRuntimeApi && kind === 'SWITCH') return apiNetworks.take()
    return { network: await outbound.take(), api: null }
  }

  const driver: Driver & Disposable = {
    name: 'bubblewrap',
    paths: { task: () => '/var/task', runtime: () => '/var/runtime', layers: () => '/opt' },
    shortcomings: controlGroups.shortcomings,
    async start(spec) {
      const user = unprivileged()
      const { network, api } = await takeNetwork(spec, user)
      const start = { spec, user, network, api }
      let group: ControlGroup | null = null
      let ready: ReadyProgram | null = null
      try {
        if (places === null || spec.isSupervised || (spec.hasRuntimeApi && api === null)) {
          starter?.guard()
          group = controlGroups.create()
          group?.limit(limitsOf(spec))
          const started = await spawnBubblewrap({ program, host, filter, cover }, start, group?.memberFiles ?? [])
          return await runningSandbox(started, spec, { group, network })
        }
        ;({ group, program: ready } = await places.take())
        group?.limit(limitsOf(spec))
        const started = startBubblewrap({ program, host }, start, ready)
        return await runningSandbox(started, spec, { group, network })
      } catch (error) {
        api?.socket.close()
        api?.close()
        network?.close()
        ready?.kill()
        void group?.end()
        throw error
      }
    },
    [Symbol.dispose]() {
      apiNetworks?.stop()
      places?.stop()
      starter?.stop()
      closeSync(nothing)
      removeFolder(runFolder)
    },
  }
  return driver
}

function limitsOf({ memoryMiB, ephemeralStorageMiB }: SandboxSpec): ControlGroupLimits {
  return {
    memoryMiB: memoryMiB + ephemeralStorageMiB + OVERHEAD_MIB,
    processes: MOST_PROCESSES,
    cpuShares: Math.round((memoryMiB / MIB_PER_CORE) * SHARES_PER_CORE),
  }
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
  const killed: number[] = []
  let isSettled = false
  const processes: ChildProcesses = {
    ids,
    measure() {
      const memory = memoryOf(ids())
      // The group counts what processes share only once.
      return { ...memory, anonymousMiB: group?.usedMiB() ?? memory.anonymousMiB }
    },
    chargedMiB: () => group?.chargedMiB() ?? null,
    kill() {
      if (isSettled) return
      // Its first process only ends with its parent once it has asked for that: until then somebody has to end it, too.
      if (group === null) killed.push(...killTree(child.pid))
      child.kill()
    },
    async settle(end) {
      isSettled = true
      // Bubblewrap says how the command ended, unless it was killed itself or never came to start it.
      const wasStarted = end.code === null || exitCodeOf(await status) !== null
      const isOutOfMemory = group?.wasOutOfMemory() ?? false
      await (group?.end() ?? killAll(() => killed.filter(isRunning)))
      // Before the files of the network: nobody may connect by what they were.
      ;(await runtimeApi.catch(() => null))?.close()
      network?.close()
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
