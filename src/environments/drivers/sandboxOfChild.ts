import type { RuntimeApiAccess, Sandbox, SandboxEnd, SandboxSpec } from './contract.ts'
import { type MeasurableMemory, watchMemory } from './memoryWatcher.ts'
import { continueProcesses, stopProcesses, terminateProcesses } from './processes.ts'
import type { ChildEnd, SandboxChild } from './sandboxChild.ts'

/** How a driver finds, measures and ends the processes of a sandbox. */
export interface ChildProcesses extends MeasurableMemory {
  /** Those that are measured and stopped, as they are at the moment. */
  ids(): readonly number[]
  kill(): void
  /**
   * Called once, when the child has ended: ends and removes what is left of the sandbox, and says how it came about.
   * `isOutOfMemory` is what the kernel knows of it; what the watcher knows is added. Never rejects.
   */
  settle(end: ChildEnd): Promise<SandboxEnd>
}

/**
 * The sandbox of a child; all that drivers share. `runtimeApi` may reject, and the sandbox is then its opener's to end.
 */
export async function sandboxOfChild(
  child: SandboxChild,
  spec: SandboxSpec,
  processes: ChildProcesses,
  runtimeApi: Promise<RuntimeApiAccess | null>,
): Promise<Sandbox> {
  const { stdout, stderr, requests, answers, supervisor } = child
  // Who writes to a sandbox that has just ended hears of its end, not of the broken pipe.
  for (const stream of [stdout, stderr, requests, answers]) stream.on('error', () => undefined)
  const watcher = watchMemory(spec.memoryMiB, processes, processes.kill)
  const ended = child.ended.then(async (childEnd) => {
    watcher.pause()
    const end = await processes.settle(childEnd)
    return { ...end, isOutOfMemory: watcher.isExceeded || end.isOutOfMemory }
  })
  const access = await runtimeApi
  let stopped: readonly number[] = []
  return {
    requests,
    answers,
    runtimeApi: access?.socket ?? null,
    connect: access?.connect ?? null,
    supervisor,
    stdout,
    stderr,
    ended,
    peakMiB: () => watcher.peakMiB(),
    freeze() {
      watcher.pause()
      stopped = stopProcesses(processes.ids)
    },
    thaw() {
      // Who is stopped starts nobody.
      continueProcesses(stopped)
      watcher.resume()
    },
    terminate: () => terminateProcesses(processes.ids()),
    kill: processes.kill,
  }
}
