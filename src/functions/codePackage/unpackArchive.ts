import { chmod, mkdir, open, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Archive, type ArchiveEntry, openArchive } from './archive.ts'
import { foldersAbove } from './archiveTree.ts'

const FILES_AT_ONCE = 8

/**
 * Unpacks a zip file to a folder that must not exist yet. The result is read-only for everybody and readable for
 * everybody; executable files stay executable. Checks everything that `openArchive` checks again. On a failure the
 * folder is left half filled.
 */
export async function unpackArchive(archivePath: string, folder: string): Promise<void> {
  await using archive = await openArchive(archivePath)
  await mkdir(folder)
  const folders = allFolders(archive.entries)
  for (const path of folders) await mkdir(join(folder, path))
  await unpackFiles(archive, folder)
  // Links come last, when nothing is written through the tree any more.
  for (const [path, target] of archive.linkTargets) await symlink(target, join(folder, path))
  // Innermost first: a folder without write permission must not hinder the ones inside it.
  for (const path of folders.reverse()) await chmod(join(folder, path), 0o555)
  await chmod(folder, 0o555)
}

/** Every folder that the entries need, each behind those above it. */
function allFolders(entries: readonly ArchiveEntry[]): string[] {
  const folders = new Set<string>()
  for (const { path, kind } of entries) {
    for (const above of foldersAbove(path)) folders.add(above)
    if (kind === 'FOLDER') folders.add(path)
  }
  return [...folders].sort((a, b) => a.length - b.length)
}

async function unpackFiles(archive: Archive, folder: string): Promise<void> {
  // One iterator for all workers: each takes the next file that none has taken.
  const files = archive.entries.filter(({ kind }) => kind === 'FILE').values()
  const work = async () => {
    for (const entry of files) await unpackFile(archive, entry, join(folder, entry.path))
  }
  // All of them end before a failure is passed on: nobody writes any more when the caller clears up.
  const ends = await Promise.allSettled(Array.from({ length: FILES_AT_ONCE }, work))
  const failure = ends.find((end) => end.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}

async function unpackFile(archive: Archive, entry: ArchiveEntry, path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await writeFile(file, await archive.read(entry))
    // Not by open's mode: the umask would take bits away that an unprivileged function needs.
    await file.chmod(entry.isExecutable ? 0o555 : 0o444)
  } catch (cause) {
    throw new Error(`cannot unpack ${entry.path} to ${dirname(path)}`, { cause })
  } finally {
    await file.close()
  }
}
