import { chmod, copyFile, link, mkdir, readdir, readlink, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { EntryKind, TreeEntry } from './archiveTree.ts'
import { type MergedEntry, mergeTrees } from './mergeTrees.ts'

const ENTRIES_AT_ONCE = 16

/**
 * Lays unpacked archives over each other, in order, in a folder that must not exist yet. Files are hard links: they take
 * no room, and are as read-only as those they are links to. Symbolic links are made again and never followed, on the way
 * in or out. On a failure the folder is left half filled.
 */
export async function mergeFolders(folders: readonly string[], target: string): Promise<void> {
  const merged = mergeTrees(await Promise.all(folders.map((folder) => entriesOf(folder, ''))))
  const ofKind = (kind: EntryKind) => merged.filter((entry) => entry.kind === kind)
  const from = ({ source, path }: MergedEntry) => join(folders[source]!, path)
  const subfolders = ofKind('FOLDER').map(({ path }) => join(target, path))
  await mkdir(target)
  for (const folder of subfolders) await mkdir(folder)
  await atOnce(ofKind('FILE'), async (entry) => linkFile(from(entry), join(target, entry.path)))
  // Links come last, when nothing is written through the tree any more.
  await atOnce(ofKind('LINK'), async (entry) => symlink(await readlink(from(entry)), join(target, entry.path)))
  // Innermost first, as where archives are unpacked.
  for (const folder of [...subfolders.reverse(), target]) await chmod(folder, 0o555)
}

async function entriesOf(folder: string, prefix: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = []
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`
    const kind = entry.isDirectory() ? 'FOLDER' : entry.isSymbolicLink() ? 'LINK' : 'FILE'
    entries.push({ path, kind })
    if (kind === 'FOLDER') entries.push(...(await entriesOf(folder, path)))
  }
  return entries
}

/** Not every file system has hard links, and none has them without end. */
async function linkFile(source: string, target: string): Promise<void> {
  await link(source, target).catch(() => copyFile(source, target))
}

async function atOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  // One iterator for all: each takes the next item that none has taken.
  const left = items.values()
  const ends = await Promise.allSettled(
    Array.from({ length: ENTRIES_AT_ONCE }, async () => {
      for (const item of left) await work(item)
    }),
  )
  const failure = ends.find((end) => end.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}
