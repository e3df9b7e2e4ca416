import { randomBytes } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { identifyProcess } from '../../db/processIdentity.ts'
import { killAll } from './processes.ts'

/** Limits that the kernel keeps for one sandbox. */
export interface ControlGroup {
  /** Files that a process writes "0" into to become a member. */
  readonly memberFiles: readonly string[]
  /** Sets its limits. It has none before, but for what it shares with all others. */
  limit(limits: ControlGroupLimits): void
  /** Its members. */
  processIds(): number[]
  /** Memory of its processes without files in /tmp, in MiB; null where it cannot be read (any more). */
  usedMiB(): number | null
  /** All memory that is counted as its own, files in /tmp and what was read among it, in MiB; null as above. Quick. */
  chargedMiB(): number | null
  /** Whether the kernel had to end a process because the memory was spent. */
  wasOutOfMemory(): boolean
  /** Ends its members and removes it. Resolves when that is done; never rejects, and may be called again. */
  end(): Promise<void>
}

/** Limits of a group. */
export interface ControlGroupLimits {
  /** All memory, files in /tmp among it. */
  readonly memoryMiB: number
  readonly processes: number
  /** Relative to others, 1,024 for one core's worth. */
  readonly cpuShares: number
}

/** Makes control groups below the one of this process. */
export interface ControlGroups {
  /** What the host cannot enforce, as sentences. */
  readonly shortcomings: readonly string[]
  /**
   * What the folders of all groups that this makes begin with, and no others: their `cgroup.procs` name all members. Null
   * where the host lets this process make none.
   */
  readonly prefix: string | null
  /** Makes one, under a name that nobody else has. Null where the host lets this process make none at all. */
  create(): ControlGroup | null
}

const MOUNT = '/sys/fs/cgroup'
const PARENT = 'lambdaql'
const MIB = 1024 * 1024

/** Where a version says what is asked here. */
interface MemoryFiles {
  /** Field of `memory.stat`. */
  readonly anonymous: string
  readonly charged: string
  /** With a field `oom_kill`. */
  readonly events: string
}

const MEMORY_FILES_1: MemoryFiles = {
  anonymous: 'total_rss',
  charged: 'memory.usage_in_bytes',
  events: 'memory.oom_control',
}
const MEMORY_FILES_2: MemoryFiles = { anonymous: 'anon', charged: 'memory.current', events: 'memory.events' }

/** Finds out which version of control groups the host has, and what this process may do there. */
export function openControlGroups(): ControlGroups {
  return existsSync(join(MOUNT, 'cgroup.controllers')) ? openVersion2() : openVersion1()
}

const CONTROLLERS_1 = ['memory', 'pids', 'cpu'] as const

function openVersion1(): ControlGroups {
  const folders = new Map<string, string>()
  const shortcomings: string[] = []
  for (const controller of CONTROLLERS_1) {
    const folder = join(MOUNT, controller, ownPath(controller), PARENT)
    if (makeParent(folder)) folders.set(controller, folder)
    else
      shortcomings.push(
        `the limit of ${controller} cannot be enforced by a control group: ${dirname(folder)} is not writable`,
      )
  }
  const owner = ownerName()
  const [first] = folders.values()
  return {
    shortcomings,
    prefix: first === undefined ? null : join(first, owner),
    create() {
      const name = newName(owner)
      const groups = new Map<string, string>()
      for (const [controller, folder] of folders) {
        const group = join(folder, name)
        mkdirSync(group)
        groups.set(controller, group)
      }
      if (groups.size === 0) return null
      const [memory, pids, cpu] = CONTROLLERS_1.map((controller) => groups.get(controller))
      return controlGroup([...groups.values()], memory, MEMORY_FILES_1, ({ memoryMiB, processes, cpuShares }) => {
        if (memory !== undefined) writeFileSync(join(memory, 'memory.limit_in_bytes'), String(memoryMiB * MIB))
        if (pids !== undefined) writeFileSync(join(pids, 'pids.max'), String(processes))
        if (cpu !== undefined) writeFileSync(join(cpu, 'cpu.shares'), String(Math.max(2, cpuShares)))
      })
    },
  }
}

function openVersion2(): ControlGroups {
  // Groups with members cannot have limited children, so they stand beside this process's own group.
  const base = join(MOUNT, dirname(ownPath('')))
  const folder = join(base, PARENT)
  const isUsable = makeParent(folder) && enable(base) && enable(folder)
  const owner = ownerName()
  return {
    shortcomings: isUsable
      ? []
      : [`no limits can be enforced by control groups: ${base} is not delegated to this process`],
    prefix: isUsable ? join(folder, owner) : null,
    create() {
      if (!isUsable) return null
      const group = join(folder, newName(owner))
      mkdirSync(group)
      return controlGroup([group], group, MEMORY_FILES_2, ({ memoryMiB, processes, cpuShares }) => {
        const WEIGHT_PER_SHARE = 100 / 1024
        const weight = Math.max(1, Math.min(10_000, Math.round(cpuShares * WEIGHT_PER_SHARE)))
        writeFileSync(join(group, 'memory.max'), String(memoryMiB * MIB))
        writeFileSync(join(group, 'pids.max'), String(processes))
        writeFileSync(join(group, 'cpu.weight'), String(weight))
      })
    },
  }
}

/** Who a group belongs to: where its number is known, the number, when that process began, and whom of it. */
const ownerName = () => `${numbering()}-${process.pid}-${startOf(process.pid)}-${randomBytes(4).toString('hex')}`

const newName = (owner: string) => `${owner}-${randomBytes(8).toString('hex')}`

/** Whether a group may belong to a service that lives, which may just be putting its first member in. */
function isInUse(name: string): boolean {
  const [where, pid, startedAt] = name.split('-')
  // Of the processes of another container nobody can tell here.
  return where !== numbering() || startOf(Number(pid)) === startedAt
}

/** The namespace in which this process has its number. */
const numbering = () => /\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0]

const startOf = (pid: number) => identifyProcess(pid)?.startedAt.split(' ').at(-1)

function enable(folder: string): boolean {
  try {
    // Who moves a process into a group needs this right on the group above both.
    accessSync(join(folder, 'cgroup.procs'), constants.W_OK)
    writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory +pids +cpu')
    return true
  } catch {
    return false
  }
}

function controlGroup(
  groups: readonly string[],
  memoryGroup: string | undefined,
  files: MemoryFiles,
  limit: ControlGroup['limit'],
): ControlGroup {
  // It is read as long as the group is there, many times a second.
  let charged = memoryGroup === undefined ? null : openSync(join(memoryGroup, files.charged), 'r')
  const field = (file: string, name: string): number | null => {
    try {
      const match = new RegExp(`^${name} (\\d+)$`, 'm').exec(readFileSync(join(memoryGroup!, file), 'utf8'))
      return match === null ? null : Number(match[1])
    } catch {
      return null
    }
  }
  return {
    memberFiles: groups.map((group) => join(group, 'cgroup.procs')),
    limit,
    processIds: () => membersOf(groups[0]!),
    usedMiB() {
      const bytes = memoryGroup === undefined ? null : field('memory.stat', files.anonymous)
      return bytes === null ? null : Math.ceil(bytes / MIB)
    },
    chargedMiB() {
      const bytes = charged === null ? null : readNumber(charged)
      return bytes === null ? null : bytes / MIB
    },
    wasOutOfMemory: () => memoryGroup !== undefined && (field(files.events, 'oom_kill') ?? 0) > 0,
    end() {
      if (charged !== null) closeSync(charged)
      charged = null
      return endGroups(groups)
    },
  }
}

const digits = Buffer.alloc(32)

/** The number that an open file of a control group consists of; null where the group is gone. */
function readNumber(file: number): number | null {
  try {
    return Number(digits.toString('latin1', 0, readSync(file, digits, 0, digits.length, 0)))
  } catch {
    return null
  }
}

function membersOf(group: string): number[] {
  try {
    return readFileSync(join(group, 'cgroup.procs'), 'latin1').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** The folder for all sandboxes; what a killed service left in it goes, processes too. */
function makeParent(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true })
    // It may be there and belong to the service of another user.
    accessSync(folder, constants.W_OK)
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !isInUse(entry.name)) void endGroups([join(folder, entry.name)])
    }
    return true
  } catch {
    return false
  }
}

/** Ends the members of groups, which are those of each of them, and removes the groups. */
async function endGroups(groups: readonly string[]): Promise<void> {
  await killAll(() => membersOf(groups[0]!))
  for (const group of groups) {
    try {
      rmdirSync(group)
    } catch {
      // Members that take long to end: the next start removes it.
    }
  }
}

/** The group of this process below the mount of a controller; version 2 has an empty controller. */
function ownPath(controller: string): string {
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (path !== undefined && controllers?.split(',').includes(controller)) return path
  }
  return '/'
}
