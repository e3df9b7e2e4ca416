import { pause } from '../pause.ts'
import { findBinaries } from './binaries.ts'
import { clusterUrl, prepareCluster } from './cluster.ts'
import { stopLeftover } from './leftover.ts'
import { type Postmaster, type PostmasterOptions, startPostmaster } from './postmaster.ts'
import type { Durability } from './settings.ts'
import { postgresUser } from './systemUser.ts'

/** A PostgreSQL of our own, on a data folder, that is started again whenever it ends by itself. */
export interface EmbeddedPostgres {
  /** Connection string of a database in it; without a name that of the service's own, which must be created first. */
  url(database?: string): string
  /** Process id of the present server. */
  pid(): number
  /** Stops it with all data on the disk. Resolves when the process has ended. */
  stop(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /** Absolute path; the caller holds its lock. */
  readonly dataFolder: string
  readonly durability?: Durability
  /** Told in one sentence what takes a while. */
  readonly progress?: (sentence: string) => void
  /** Told in one sentence when the server ended by itself, and when it runs again. */
  readonly report: (sentence: string) => void
}

const FIRST_RESTART_DELAY_MS = 100
const LONGEST_RESTART_DELAY_MS = 10_000
/** A server that ran for so long has not ended because of its start. */
const STABLE_AFTER_MS = 60_000

/**
 * Starts PostgreSQL on a data folder: creates the cluster on the first start, and stops what a killed service left
 * running there. Throws a StartFault where it cannot run.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataFolder, durability = 'DURABLE', report, progress = () => undefined } = options
  const user = postgresUser()
  const binaries = await findBinaries(user)
  const cluster = await prepareCluster({ dataFolder, binaries, user, durability, progress })
  await stopLeftover(cluster.folder)
  const supervised = await supervise({ binaries, cluster, user, durability }, report)
  return {
    ...supervised,
    url: (database) => clusterUrl(dataFolder, database),
  }
}

async function supervise(
  options: PostmasterOptions,
  report: (sentence: string) => void,
): Promise<Pick<EmbeddedPostgres, 'pid' | 'stop'>> {
  let present: Postmaster = await startPostmaster(options)
  const stopping = new AbortController()

  async function watch(): Promise<void> {
    let delayMs = FIRST_RESTART_DELAY_MS
    while (!stopping.signal.aborted) {
      const startedAt = performance.now()
      const reason = await present.ended
      if (stopping.signal.aborted) return
      if (performance.now() - startedAt > STABLE_AFTER_MS) delayMs = FIRST_RESTART_DELAY_MS
      report(`PostgreSQL ended by itself (${reason}); it is started again`)
      while (!stopping.signal.aborted) {
        try {
          await stopLeftover(options.cluster.folder)
          present = await startPostmaster(options)
          report('PostgreSQL runs again')
          break
        } catch (error) {
          report(error instanceof Error ? error.message : String(error))
          await pause(delayMs, stopping.signal)
          delayMs = Math.min(delayMs * 2, LONGEST_RESTART_DELAY_MS)
        }
      }
    }
  }

  const watching = watch()
  return {
    pid: () => present.pid,
    async stop() {
      stopping.abort()
      await present.stop()
      // A restart that was under way when this was called has brought up another one.
      await watching
      await present.stop()
    },
  }
}
