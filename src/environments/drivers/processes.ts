import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

const KIB_PER_MIB = 1024
/** Who forks faster than it can be stopped is stopped in the next round: a stopped process forks no more. */
const MOST_ROUNDS = 20
const KILL_TRIES = 400
const KILL_PAUSE_MS = 5
/** So often it is looked whether a process has stopped; some milliseconds, as long as one takes at most to be copied. */
export const STOP_TRIES = 1_000

/** The processes that descend from one, without itself, nearest first; those that lost their parent are not found. */
export function descendantsOf(pid: number): number[] {
  const found: number[] = []
  const queue = [pid]
  for (let parent = queue.shift(); parent !== undefined; parent = queue.shift()) {
    const children = childrenOf(parent)
    found.push(...children)
    queue.push(...children)
  }
  return found
}

/** The children of a process, as they are at the moment. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').trim()
      return text === '' ? [] : text.split(' ').map(Number)
    })
  } catch {
    return []
  }
}

/** Memory of processes, in MiB. What several of them share counts for each. */
export interface ProcessMemory {
  /** Without what is only read from files. */
  readonly anonymousMiB: number
  /** With the programs and libraries themselves. */
  readonly residentMiB: number
}

/** The memory that processes use now; those that are gone use none. */
export function memoryOf(pids: readonly number[]): ProcessMemory {
  let anonymousKiB = 0
  let residentKiB = 0
  for (const pid of pids) {
    const status = statusOf(pid)
    anonymousKiB += Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0)
    residentKiB += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  }
  return {
    anonymousMiB: Math.ceil(anonymousKiB / KIB_PER_MIB),
    residentMiB: Math.ceil(residentKiB / KIB_PER_MIB),
  }
}

/**
 * Stops processes, and those that they start meanwhile. `list` names them as they are at the moment. Returns those that it
 * stopped.
 */
export function stopProcesses(list: () => readonly number[]): readonly number[] {
  const stopped = new Set<number>()
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const running = list().filter((pid) => !stopped.has(pid))
    if (running.length === 0) break
    for (const pid of running) {
      signal(pid, 'SIGSTOP')
      stopped.add(pid)
    }
  }
  return [...stopped]
}

/**
 * Ends a process and all that descend from it. Returns those that it killed. It is stopped first, and waited for: whom it was
 * just making would otherwise be nobody's child by the time somebody looks.
 */
export function killTree(pid: number): readonly number[] {
  signal(pid, 'SIGSTOP')
  for (let tries = STOP_TRIES; tries > 0 && /^State:\s+[^TZX]/m.test(statusOf(pid)); tries--);
  const tree = [pid, ...descendantsOf(pid)]
  for (const each of tree) signal(each, 'SIGKILL')
  return tree
}

/** Lets stopped processes run again. */
export function continueProcesses(pids: readonly number[]): void {
  for (const pid of pids) signal(pid, 'SIGCONT')
}

/** Asks processes to end. */
export function terminateProcesses(pids: readonly number[]): void {
  for (const pid of pids) signal(pid, 'SIGTERM')
}

/** Whether a process is there and has not ended. */
export function isRunning(pid: number): boolean {
  return /^State:\s+[^ZX]/m.test(statusOf(pid))
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1')
  } catch {
    return ''
  }
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended meanwhile.
  }
}

/**
 * Ends processes, those that they start meanwhile among them; `left` names who is there. Resolves when nobody is, or after
 * two seconds: the kernel takes a moment to end processes that were killed, all the longer the more memory they had.
 */
export async function killAll(left: () => readonly number[]): Promise<void> {
  for (let tries = KILL_TRIES; tries > 0; tries--) {
    const pids = left()
    if (pids.length === 0) return
    for (const pid of pids) signal(pid, 'SIGKILL')
    await setTimeout(KILL_PAUSE_MS)
  }
}
