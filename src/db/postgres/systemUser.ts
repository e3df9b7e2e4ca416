import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartFault } from '../../errors.ts'
import { errorCode } from '../errorCode.ts'

/** A user of the machine that PostgreSQL runs as. */
export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

const NAME = 'postgres'

/**
 * The user that PostgreSQL must run as: null for the present one; when that is root, which PostgreSQL refuses, the
 * system's user `postgres`, which is created where there is none. Throws a StartFault where that fails.
 */
export function postgresUser(): SystemUser | null {
  if (process.getuid?.() !== 0) return null
  return lookUp(NAME) ?? create(NAME)
}

/** Whether the user may pass through all folders to a path, as far as they exist; by their permission bits. */
export function isReachable(path: string, user: SystemUser): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if (!mayPass(folder, user)) return false
    if (folder === dirname(folder)) return true
  }
}

function mayPass(path: string, { uid, gid }: SystemUser): boolean {
  try {
    const stat = statSync(path)
    const shift = stat.uid === uid ? 6 : stat.gid === gid ? 3 : 0
    return !stat.isDirectory() || ((stat.mode >> shift) & 0o1) === 1
  } catch (error) {
    return errorCode(error) === 'ENOENT'
  }
}

function lookUp(name: string): SystemUser | null {
  // Not only /etc/passwd: users may come from a directory service.
  const { stdout } = spawnSync('getent', ['passwd', name], { encoding: 'utf8' })
  const line = (stdout || readFileSync('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith(`${name}:`))
  if (line === undefined) return null
  const [, , uid, gid] = line.split(':')
  return { name, uid: Number(uid), gid: Number(gid) }
}

function create(name: string): SystemUser {
  const options = ['--system', '--no-create-home', '--user-group', '--shell', '/usr/sbin/nologin', name]
  const { status, stderr, error } = spawnSync('useradd', options, { encoding: 'utf8' })
  const user = status === 0 ? lookUp(name) : null
  if (user !== null) return user
  throw new StartFault(
    `PostgreSQL refuses to run as root, and its system user "${name}" could not be created (${(error?.message ?? stderr).trim()}); start as another user or give --database-url`,
  )
}
