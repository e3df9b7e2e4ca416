import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { PlatformFault } from '../../errors.ts'
import type { SupervisorStreams } from '../extensions/supervisor.ts'
import { supervisorStreams } from './supervisorStreams.ts'

/** How a program ended: one of them is null. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The program that a sandbox consists of, or that makes it: it runs, whoever started it. */
export interface SandboxChild {
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  /** Its descriptor 3. */
  readonly requests: Writable
  /** Its descriptor 4. */
  readonly answers: Readable
  /** Null where it supervises nobody. */
  readonly supervisor: SupervisorStreams | null
  /** Resolves when it has ended; not necessarily all that it has started. Never rejects. */
  readonly ended: Promise<ChildEnd>
  kill(): void
}

/**
 * A child of this process with pipes on descriptors 1 to 4, once it runs. Rejects with a PlatformFault when it cannot be
 * started. Call it as soon as it is spawned.
 */
export async function spawnedChild(child: ChildProcess, isSupervised: boolean): Promise<SandboxChild> {
  const streams: readonly unknown[] = child.stdio
  const [stdout, stderr, requests, answers] = streams.slice(1) as [Readable, Readable, Writable, Readable]
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(new PlatformFault('a sandbox could not be started', { cause: error })))
  })
  const supervisor = isSupervised ? supervisorStreams(child) : null
  const kill = () => void child.kill('SIGKILL')
  return { pid: child.pid!, stdout, stderr, requests, answers, supervisor, ended, kill }
}
