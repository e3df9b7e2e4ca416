import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'
import type { CodeStore } from '../../environments/contract.ts'
import { PlatformFault } from '../../errors.ts'
import { fetchBlob } from './blobStorage.ts'
import { removeReadOnlyFolder } from './removeReadOnlyFolder.ts'
import { unpackArchive } from './unpackArchive.ts'

/** What the code cache needs. */
export interface CodeStoreOptions {
  readonly pool: Pool
  /** Absolute path of the service's data folder; the cache is its folder `code`. */
  readonly dataFolder: string
}

const UNFINISHED = '.unfinished'

/**
 * The unpacked archives of this machine, one folder each by SHA-256. A folder appears by one rename, so it is complete
 * or not there at all; what an unpacking that was killed has left is removed on first use. An unprivileged user who
 * knows the hash may read a folder; nobody but the owner may list them.
 */
export function createCodeStore({ pool, dataFolder }: CodeStoreOptions): CodeStore {
  const root = join(dataFolder, 'code')
  const unpacking = new Map<string, Promise<string>>()
  let opened: Promise<void> | null = null

  async function unpack(sha256: string): Promise<string> {
    // Once, before anything else is unpacked; where it failed, the next call tries again.
    opened ??= open()
    await opened.catch((cause: unknown) => {
      opened = null
      throw new PlatformFault(`cannot open the code cache ${root}`, { cause })
    })
    const folder = join(root, sha256)
    if (await isFolder(folder)) return folder
    const temporary = join(root, `${randomUUID()}${UNFINISHED}`)
    const archive = `${temporary}.zip`
    try {
      await fetchBlob(pool, sha256, archive)
      await unpackArchive(archive, temporary)
      await rename(temporary, folder)
      return folder
    } catch (cause) {
      await removeReadOnlyFolder(temporary)
      if (cause instanceof PlatformFault) throw cause
      throw new PlatformFault(`cannot unpack the code ${sha256}`, { cause })
    } finally {
      await rm(archive, { force: true })
    }
  }

  /** Makes the cache's folder and removes what an unpacking that was killed has left. */
  async function open(): Promise<void> {
    await mkdir(root, { recursive: true })
    await chmod(root, 0o711)
    const left = (await readdir(root)).filter((name) => name.includes(UNFINISHED))
    await Promise.all(left.map((name) => removeReadOnlyFolder(join(root, name))))
  }

  return {
    folderOf(codeSha256) {
      const present = unpacking.get(codeSha256)
      if (present !== undefined) return present
      // Failures are forgotten, so that the next call tries again; folders are remembered.
      const folder = unpack(codeSha256)
      unpacking.set(codeSha256, folder)
      folder.catch(() => unpacking.delete(codeSha256))
      return folder
    },
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null
    throw cause
  })
  return found?.isDirectory() ?? false
}
