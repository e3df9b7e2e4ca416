import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { StartFault } from '../errors.ts'
import { errorCode } from './errorCode.ts'
import { identifyProcess, isAlive, type ProcessIdentity } from './processIdentity.ts'

/**
 * Takes a lock file for this process until it is disposed of. A lock whose process no longer lives (killed, or the
 * machine went down) is taken over. Throws a StartFault with `refusal`'s sentence where a living process holds it.
 *
 * Two starters that find the same dead lock cannot both win: only who holds the lock file's own `.takeover` lock may
 * replace it, and only after having seen there that the dead one is still in place.
 */
export function lockFile(path: string, refusal: (pid: number) => string): Disposable {
  const self = identifyProcess(process.pid)
  if (self === null) throw new StartFault(`cannot tell when this process started, so ${path} cannot be locked`)
  const candidate = `${path}.${randomUUID()}`
  writeFileSync(candidate, JSON.stringify(self), { mode: 0o644 })
  try {
    while (!linked(candidate, path)) {
      const holder = readHolder(path)
      if (holder === 'GONE') continue
      if (holder !== 'UNREADABLE' && isAlive(holder)) throw new StartFault(refusal(holder.pid))
      using _takeover = lockFile(`${path}.takeover`, refusal)
      const present = readHolder(path)
      if (present === 'GONE' || (present !== 'UNREADABLE' && isAlive(present))) continue
      renameSync(candidate, path)
      break
    }
  } finally {
    remove(candidate)
  }
  return { [Symbol.dispose]: () => remove(path) }
}

/** The living process that holds a lock file, or null. */
export function lockHolder(path: string): ProcessIdentity | null {
  const holder = readHolder(path)
  return holder !== 'GONE' && holder !== 'UNREADABLE' && isAlive(holder) ? holder : null
}

function linked(candidate: string, path: string): boolean {
  try {
    linkSync(candidate, path)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** A lock is complete before it gets its name, so an unreadable one is no living process's. */
function readHolder(path: string): ProcessIdentity | 'GONE' | 'UNREADABLE' {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessIdentity>
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : 'UNREADABLE'
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? 'GONE' : 'UNREADABLE'
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}
