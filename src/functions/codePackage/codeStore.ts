import { createHash, randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'
import type { CodeStore } from '../../environments/contract.ts'
import { PlatformFault } from '../../errors.ts'
import { fetchBlob } from './blobStorage.ts'
import { createCodeSlots, SLOT } from './codeSlots.ts'
import { mergeFolders } from './mergeFolders.ts'
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
 * The unpacked archives of this machine, one folder each by SHA-256, and one for each list of layers, in which those are
 * laid over each other. A folder appears by one rename, so it is complete
 * or not there at all; what an unpacking that was killed has left is removed on first use. An unprivileged user who
 * knows the hash may read a folder; nobody but the owner may list them.
 */
export function createCodeStore({ pool, dataFolder }: CodeStoreOptions): CodeStore {
  const root = join(dataFolder, 'code')
  const making = new Map<string, Promise<string>>()
  let opened: Promise<void> | null = null

  /** The folder of a name, made on first use: `fill` makes it, at a path of no further meaning. */
  function folder(name: string, fill: (path: string) => Promise<void>): Promise<string> {
    const present = making.get(name)
    if (present !== undefined) return present
    // Failures are forgotten, so that the next call tries again; folders are remembered.
    const made = make(name, fill)
    making.set(name, made)
    made.catch(() => making.delete(name))
    return made
  }

  async function make(name: string, fill: (path: string) => Promise<void>): Promise<string> {
    await untilOpen()
    const path = join(root, name)
    if (await isFolder(path)) return path
    const temporary = join(root, `${randomUUID()}${UNFINISHED}`)
    try {
      await fill(temporary)
      await rename(temporary, path)
      return path
    } catch (cause) {
      await removeReadOnlyFolder(temporary)
      if (cause instanceof PlatformFault) throw cause
      throw new PlatformFault(`cannot unpack the code ${name}`, { cause })
    }
  }

  async function unpack(sha256: string, path: string): Promise<void> {
    const archive = `${path}.zip`
    try {
      await fetchBlob(pool, sha256, archive)
      await unpackArchive(archive, path)
    } finally {
      await rm(archive, { force: true })
    }
  }

  const folderOf = (codeSha256: string) => folder(codeSha256, (path) => unpack(codeSha256, path))

  /** Once, before anything else is unpacked; where it failed, the next call tries again. */
  async function untilOpen(): Promise<string> {
    opened ??= open()
    await opened.catch((cause: unknown) => {
      opened = null
      throw new PlatformFault(`cannot open the code cache ${root}`, { cause })
    })
    return root
  }

  /** Makes the cache's folder and removes what a service that was killed has left. */
  async function open(): Promise<void> {
    await mkdir(root, { recursive: true })
    await chmod(root, 0o711)
    const left = (await readdir(root)).filter((name) => name.includes(UNFINISHED) || name.endsWith(SLOT))
    await Promise.all(left.map((name) => removeReadOnlyFolder(join(root, name))))
  }

  return {
    folderOf,
    async layersFolderOf(layerSha256s) {
      const [first, ...more] = layerSha256s
      if (first === undefined) return null
      if (more.length === 0) return folderOf(first)
      const folders = await Promise.all(layerSha256s.map(folderOf))
      const name = createHash('sha256').update(layerSha256s.join(' ')).digest('hex')
      return folder(`layers-${name}`, (path) => mergeFolders(folders, path))
    },
    makeSlot: createCodeSlots(untilOpen, folderOf),
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null
    throw cause
  })
  return found?.isDirectory() ?? false
}
