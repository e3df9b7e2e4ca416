import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { StartFault } from '../../errors.ts'
import type { PostgresBinaries } from './binaries.ts'
import { type Cluster, postgresEnvironment } from './cluster.ts'
import { readPostmasterFile } from './postmasterFile.ts'
import { type Durability, fixedSettings } from './settings.ts'
import type { SystemUser } from './systemUser.ts'
import { waitUntil } from './waitUntil.ts'

/** A running PostgreSQL. */
export interface Postmaster {
  readonly pid: number
  /** Resolves when the process has ended, for whatever reason, with a description of it. */
  readonly ended: Promise<string>
  /** Stops it: disconnects everybody, writes a checkpoint, ends. Resolves when the process has ended. */
  stop(): Promise<void>
}

export interface PostmasterOptions {
  readonly binaries: PostgresBinaries
  readonly cluster: Cluster
  readonly user: SystemUser | null
  readonly durability: Durability
}

/** A start may begin with the recovery from a crash, which takes as long as it takes. */
const START_MS = 120_000
const FAST_STOP_MS = 20_000
const IMMEDIATE_STOP_MS = 5_000
const LONGEST_LOG_BYTES = 8 * 1024 * 1024

/**
 * Starts PostgreSQL and resolves when it accepts connections. It is the leader of its own session: Ctrl-C in a terminal
 * reaches the service only, which stops PostgreSQL after it has drained. Throws a StartFault with PostgreSQL's reason.
 */
export async function startPostmaster({ binaries, cluster, user, durability }: PostmasterOptions): Promise<Postmaster> {
  const settings = Object.entries(fixedSettings(cluster.socketFolder, durability))
  const log = openLog(cluster.logFile)
  const saidBefore = statSync(cluster.logFile).size
  const child = spawn(
    binaries.postgres,
    ['-D', cluster.folder, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      cwd: cluster.folder,
      detached: true,
      stdio: ['ignore', log, log],
      env: postgresEnvironment(),
      ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
    },
  )
  closeSync(log)
  let hasEnded = false
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
  }).finally(() => {
    hasEnded = true
  })
  const isReady = () => {
    const file = readPostmasterFile(cluster.folder)
    return file !== null && file.pid === child.pid && file.status === 'ready'
  }
  await waitUntil(() => hasEnded || isReady(), START_MS)
  if (hasEnded || !isReady()) {
    child.kill('SIGQUIT')
    const reason = lastWords(cluster.logFile, saidBefore) ?? (hasEnded ? await ended : 'it does not become ready')
    throw new StartFault(`PostgreSQL does not start: ${reason} (its log is ${cluster.logFile})`)
  }
  return {
    pid: child.pid!,
    ended,
    async stop() {
      for (const [signal, patienceMs] of STOP_STEPS) {
        if (hasEnded) return
        child.kill(signal)
        await waitUntil(() => hasEnded, patienceMs)
      }
      await ended
    },
  }
}

const STOP_STEPS = [
  ['SIGINT', FAST_STOP_MS],
  ['SIGQUIT', IMMEDIATE_STOP_MS],
  ['SIGKILL', IMMEDIATE_STOP_MS],
] as const

function openLog(path: string): number {
  const log = openSync(path, 'a', 0o600)
  if (statSync(path).size > LONGEST_LOG_BYTES) truncateSync(path)
  return log
}

function lastWords(path: string, fromByte: number): string | null {
  const lines = readFileSync(path).subarray(fromByte).toString('utf8').split('\n')
  const fatal = lines.filter((line) => /\b(FATAL|PANIC|error while loading)\b/.test(line)).at(-1)
  return fatal?.replace(/^.*?(FATAL|PANIC):\s*/, '') ?? null
}
