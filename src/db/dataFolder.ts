import { randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { StartFault } from '../errors.ts'
import { errorCode } from './errorCode.ts'
import { lockFile } from './folderLock.ts'

/** A data folder that belongs to this process until it is disposed of. */
export interface DataFolder extends Disposable {
  readonly path: string
  /** UUID that the folder was given when it was first used. */
  readonly instanceId: string
}

/**
 * Takes a data folder, creating it where there is none. Throws a StartFault of one line where it cannot be written, or
 * where another instance uses it.
 */
export function openDataFolder(path: string): DataFolder {
  makeWritable(path)
  const lock = lockFile(
    join(path, 'lock'),
    (pid) =>
      `the data folder ${path} is in use by another instance (process ${pid}); stop it or choose another --data-dir`,
  )
  try {
    return {
      path,
      instanceId: readInstanceId(join(path, 'instance-id')),
      [Symbol.dispose]: () => lock[Symbol.dispose](),
    }
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}

function makeWritable(path: string): void {
  try {
    makeFolder(path)
    if (!statSync(path).isDirectory()) throw new Error('it is not a folder')
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new StartFault(`the data folder ${path} cannot be written: ${reasonOf(error)}`, { cause: error })
  }
}

/** Not mkdir's own recursion: where a file system answers ENOENT in an existing folder, as /proc does, that never ends. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  if (path !== dirname(path)) makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o755 })
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOENT: 'no folder can be made there',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'it is not a folder',
}

function reasonOf(error: unknown): string {
  return REASONS[errorCode(error) ?? ''] ?? (error instanceof Error ? error.message : String(error))
}

function readInstanceId(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    const instanceId = randomUUID()
    writeFileSync(`${path}.new`, `${instanceId}\n`)
    renameSync(`${path}.new`, path)
    return instanceId
  }
}
