import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { PlatformFault } from '../../errors.ts'
import type { RuntimeApiAccess, Sandbox, SandboxEnd, SandboxSpec } from './contract.ts'
import { watchMemory } from './memoryWatcher.ts'
import { continueProcesses, type ProcessMemory, stopProcesses, terminateProcesses } from './processes.ts'
import { supervisorStreams } from './supervisorStreams.ts'

/** How a driver finds, measures and ends the processes of a sandbox whose command is a child of the service. */
export interface ChildProcesses {
  /** Those that are measured and stopped, as they are at the moment. */
  ids(): readonly number[]
  measure(): ProcessMemory
  kill(): void
  /**
   * Called once, when the child has ended: ends and removes what is left of the sandbox, and says how it came about.
   * `isOutOfMemory` is what the kernel knows of it; what the watcher knows is added. Never rejects.
   */
  settle(code: number | null, signal: NodeJS.Signals | null): Promise<SandboxEnd>
}

/** Resolves when a child runs; rejects with a PlatformFault when it cannot be started. */
export function untilSpawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(new PlatformFault('a sandbox could not be started', { cause: error })))
  })
}

/**
 * The sandbox of a child that was just spawned, with pipes on descriptors 1 to 4; all that drivers share. `openApi` may
 * reject, and the sandbox is then its opener's to end.
 */
export async function sandboxOfChild(
  child: ChildProcess,
  spec: SandboxSpec,
  processes: ChildProcesses,
  openApi: () => Promise<RuntimeApiAccess | null>,
): Promise<Sandbox> {
  const streams: readonly unknown[] = child.stdio
  const [stdout, stderr, requests, answers] = streams.slice(1) as [Readable, Readable, Writable, Readable]
  // Who writes to a sandbox that has just ended hears of its end, not of the broken pipe.
  for (const stream of [stdout, stderr, requests, answers]) stream.on('error', () => undefined)
  const opened = openApi()
  // Should the child not even start, that is the fault to report.
  opened.catch(() => undefined)
  await untilSpawned(child)
  const watcher = watchMemory(spec.memoryMiB, processes.measure, processes.kill)
  const ended = new Promise<SandboxEnd>((resolve) => {
    child.once('exit', async (code, signal) => {
      watcher.pause()
      const end = await processes.settle(code, signal)
      resolve({ ...end, isOutOfMemory: watcher.isExceeded || end.isOutOfMemory })
    })
  })
  const runtimeApi = await opened
  return {
    requests,
    answers,
    runtimeApi: runtimeApi?.socket ?? null,
    connect: runtimeApi?.connect ?? null,
    supervisor: spec.isSupervised ? supervisorStreams(child) : null,
    stdout,
    stderr,
    ended,
    peakMiB: () => watcher.peakMiB(),
    freeze() {
      watcher.pause()
      stopProcesses(processes.ids)
    },
    thaw() {
      continueProcesses(processes.ids())
      watcher.resume()
    },
    terminate: () => terminateProcesses(processes.ids()),
    kill: processes.kill,
  }
}
