import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { StartFault } from '../../errors.ts'
import type { PostgresBinaries } from './binaries.ts'
import { type Durability, initialSettings } from './settings.ts'
import { isReachable, type SystemUser } from './systemUser.ts'

/** The superuser and the database of the embedded cluster. */
export const EMBEDDED_NAME = 'lambdaql'

/** What Linux allows for the path of a socket is 107 bytes, macOS 103; the socket's own name takes 16. */
const LONGEST_SOCKET_FOLDER_BYTES = 84

/** A cluster's place on the disk. */
export interface Cluster {
  /** PostgreSQL's data directory. */
  readonly folder: string
  readonly socketFolder: string
  /** What PostgreSQL says; written to by every start. */
  readonly logFile: string
}

export interface ClusterOptions {
  readonly dataFolder: string
  readonly binaries: PostgresBinaries
  readonly user: SystemUser | null
  readonly durability: Durability
  readonly progress: (sentence: string) => void
}

/**
 * Prepares the cluster of a data folder: creates it on the first start, so that an interrupted creation leaves nothing
 * that looks like a cluster. Throws a StartFault where it cannot be, or belongs to another version of PostgreSQL.
 */
export async function prepareCluster(options: ClusterOptions): Promise<Cluster> {
  const { dataFolder, binaries, user, durability, progress } = options
  if (user !== null && !isReachable(dataFolder, user)) {
    throw new StartFault(
      `PostgreSQL runs as the system user "${user.name}" when started by root, and that user cannot reach ${dataFolder}; choose another --data-dir or start as another user`,
    )
  }
  const cluster = { folder: join(dataFolder, 'postgres'), logFile: join(dataFolder, 'postgres.log') }
  if (existsSync(cluster.folder)) {
    checkVersion(cluster.folder, binaries)
  } else {
    progress(`creating the database in ${cluster.folder}`)
    await createCluster(cluster.folder, binaries, user, durability)
  }
  return { ...cluster, socketFolder: prepareSocketFolder(dataFolder, user) }
}

function checkVersion(folder: string, { majorVersion }: PostgresBinaries): void {
  const present = readFileSync(join(folder, 'PG_VERSION'), 'latin1').trim()
  if (present === majorVersion) return
  throw new StartFault(
    `${folder} was written by PostgreSQL ${present}, and this is PostgreSQL ${majorVersion}; dump it with the former version and restore it into a new data folder`,
  )
}

async function createCluster(
  folder: string,
  binaries: PostgresBinaries,
  user: SystemUser | null,
  durability: Durability,
): Promise<void> {
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  makeOwnFolder(unfinished, user)
  const settings = Object.entries(initialSettings()).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  await run(
    binaries.initdb,
    [
      `--pgdata=${unfinished}`,
      `--username=${EMBEDDED_NAME}`,
      '--encoding=UTF8',
      // The order of texts never changes with the machine's locales, which would break indexes.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      // Who can open the socket's folder is the owner of the data.
      '--auth-local=trust',
      '--auth-host=reject',
      '--no-instructions',
      ...(durability === 'DURABLE' ? [] : ['--no-sync']),
      ...settings,
    ],
    user,
  )
  renameSync(unfinished, folder)
}

function prepareSocketFolder(dataFolder: string, user: SystemUser | null): string {
  const folder = socketFolderOf(dataFolder)
  makeOwnFolder(folder, user)
  return folder
}

function socketFolderOf(dataFolder: string): string {
  const beside = join(dataFolder, 'socket')
  const short = join('/tmp', `lambdaql-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 16)}`)
  return Buffer.byteLength(beside) <= LONGEST_SOCKET_FOLDER_BYTES ? beside : short
}

/** Connection string of a database in the cluster of a data folder, whoever runs it. */
export function clusterUrl(dataFolder: string, database: string = EMBEDDED_NAME): string {
  return `postgresql://${EMBEDDED_NAME}@localhost/${database}?host=${encodeURIComponent(socketFolderOf(dataFolder))}`
}

/** A folder that only `user` may enter. In /tmp anybody may have made one of that name before: that is refused. */
function makeOwnFolder(folder: string, user: SystemUser | null): void {
  const owner = user?.uid ?? process.getuid?.()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stat = lstatSync(folder)
  if (!stat.isDirectory() || (stat.uid !== owner && stat.uid !== process.getuid?.())) {
    throw new StartFault(`${folder} belongs to somebody else; remove it or choose another --data-dir`)
  }
  if (user !== null) chownSync(folder, user.uid, user.gid)
  chmodSync(folder, 0o700)
}

function run(program: string, options: readonly string[], user: SystemUser | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      env: postgresEnvironment(),
      ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.once('error', (error) => reject(new StartFault(`${program} cannot be run: ${error.message}`)))
    child.once('close', (code) => {
      if (code === 0) resolve()
      else
        reject(
          new StartFault(`the database cannot be created: ${said.trim().split('\n').at(-1) ?? `exit code ${code}`}`),
        )
    })
  })
}

/**
 * What a statement has freed the next one finds in the process, up to 16 MiB: to give it back to the system and have it
 * again, page by page, takes a tenth of a short statement's time. https://man7.org/linux/man-pages/man3/mallopt.3.html
 */
const KEPT_MEMORY = { MALLOC_TRIM_THRESHOLD_: '16777216', MALLOC_MMAP_THRESHOLD_: '16777216' } as const

/** PostgreSQL is given no variable of ours: `PGDATA`, `PGPORT` or a locale would change what it does. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { LC_ALL: 'C', TZ: 'UTC', ...KEPT_MEMORY }
}
