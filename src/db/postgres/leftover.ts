import { execFileSync } from 'node:child_process'
import { readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { StartFault } from '../../errors.ts'
import { identifyProcess, isAlive } from '../processIdentity.ts'
import { readPostmasterFile } from './postmasterFile.ts'
import { waitUntil } from './waitUntil.ts'

const FAST_STOP_MS = 20_000
const IMMEDIATE_STOP_MS = 5_000

/**
 * Stops what a killed service left behind: its PostgreSQL, or the rests of one whose main process was killed. When this
 * resolves nothing runs on the cluster. The caller must hold the data folder's lock.
 */
export async function stopLeftover(clusterFolder: string): Promise<void> {
  const left = readPostmasterFile(clusterFolder)
  if (left !== null && runsOn(clusterFolder, left.pid)) await stopProcess(left.pid)
  await waitForOrphans(clusterFolder)
  const remaining = readPostmasterFile(clusterFolder)
  // PostgreSQL would take whatever process has that number by now for itself, and refuse to start.
  if (remaining !== null && !runsOn(clusterFolder, remaining.pid)) {
    rmSync(join(clusterFolder, 'postmaster.pid'), { force: true })
  }
}

/** Stops a PostgreSQL that is no child of ours: fast (SIGINT), then without its last checkpoint (SIGQUIT). */
async function stopProcess(pid: number): Promise<void> {
  const identity = identifyProcess(pid)
  if (identity === null) return
  const isGone = () => !isAlive(identity)
  for (const [signal, patienceMs] of [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
  ] as const) {
    if (isGone()) return
    process.kill(pid, signal)
    if (await waitUntil(isGone, patienceMs)) return
  }
  throw new StartFault(
    `a PostgreSQL (process ${pid}) still runs on ${clusterName(pid)} and does not stop; end it and start again`,
  )
}

function clusterName(pid: number): string {
  return process.platform === 'linux' ? readlinkSync(`/proc/${pid}/cwd`) : 'the data folder'
}

/** Processes of a server end by themselves once they see that their main process was killed. */
async function waitForOrphans(clusterFolder: string): Promise<void> {
  if (process.platform !== 'linux') return
  const someRun = () => readdirSync('/proc').some((name) => /^\d+$/.test(name) && runsOn(clusterFolder, Number(name)))
  if (await waitUntil(() => !someRun(), IMMEDIATE_STOP_MS)) return
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name) && runsOn(clusterFolder, Number(name))) process.kill(Number(name), 'SIGQUIT')
  }
  await waitUntil(() => !someRun(), IMMEDIATE_STOP_MS)
}

/** Whether a process is a PostgreSQL of this cluster: its processes all work in the cluster's folder. */
function runsOn(clusterFolder: string, pid: number): boolean {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(clusterFolder)
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(clusterFolder)
  } catch {
    return false
  }
}
