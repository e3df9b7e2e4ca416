import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What PostgreSQL's main process says about itself in its data directory. */
export interface PostmasterFile {
  readonly pid: number
  /** `ready` once it accepts connections; `starting` and `stopping` are others. */
  readonly status: string
}

const PID_LINE = 0
const STATUS_LINE = 7

/** Reads `postmaster.pid`; null where there is none. */
export function readPostmasterFile(clusterFolder: string): PostmasterFile | null {
  try {
    const lines = readFileSync(join(clusterFolder, 'postmaster.pid'), 'latin1').split('\n')
    const pid = Number(lines[PID_LINE])
    return Number.isInteger(pid) && pid > 0 ? { pid, status: lines[STATUS_LINE]?.trim() ?? 'starting' } : null
  } catch {
    return null
  }
}
