import { chmod, copyFile, link, mkdir, readdir, readlink, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { EntryKind, TreeEntry } from './archiveTree.ts'
import { type MergedEntry, mergeTrees } from './mergeTrees.ts'

const ENTRIES_AT_ONCE = 16

/** What is in a folder, at any depth. */
export interface TreeOfFolder {
  readonly folder: string
  readonly entries: readonly TreeEntry[]
  /** There was more than was asked for. */
  readonly isCutOff: boolean
}

/** Reads what is in a folder, up to `mostEntries` of it. */
export async function treeOf(folder: string, mostEntries = Number.POSITIVE_INFINITY): Promise<TreeOfFolder> {
  const entries: TreeEntry[] = []
  const subfolders = ['']
  for (const subfolder of subfolders) {
    for (const entry of await readdir(join(folder, subfolder), { withFileTypes: true })) {
      const path = subfolder === '' ? entry.name : `${subfolder}/${entry.name}`
      const kind = entry.isDirectory() ? 'FOLDER' : entry.isSymbolicLink() ? 'LINK' : 'FILE'
      entries.push({ path, kind })
      if (entries.length > mostEntries) return { folder, entries: [], isCutOff: true }
      if (kind === 'FOLDER') subfolders.push(path)
    }
  }
  return { folder, entries, isCutOff: false }
}

/**
 * Lays folders over each other, in order, in an empty one. Files are hard links: they take no room, and are as read-only
 * as those they are links to. Symbolic links are made again and never followed, on the way in or out. On a failure the
 * target is left half filled.
 */
export async function layTrees(trees: readonly TreeOfFolder[], target: string): Promise<void> {
  const merged = mergeTrees(trees.map(({ entries }) => [...entries]))
  const ofKind = (kind: EntryKind) => merged.filter((entry) => entry.kind === kind)
  const from = ({ source, path }: MergedEntry) => join(trees[source]!.folder, path)
  const subfolders = ofKind('FOLDER').map(({ path }) => join(target, path))
  for (const folder of subfolders) await mkdir(folder)
  await atOnce(ofKind('FILE'), async (entry) => linkFile(from(entry), join(target, entry.path)))
  // Links come last, when nothing is written through the tree any more.
  await atOnce(ofKind('LINK'), async (entry) => symlink(await readlink(from(entry)), join(target, entry.path)))
  // Innermost first, as where archives are unpacked.
  for (const folder of [...subfolders.reverse(), target]) await chmod(folder, 0o555)
}

/** Not every file system has hard links, and none has them without end. */
async function linkFile(source: string, target: string): Promise<void> {
  await link(source, target).catch(() => copyFile(source, target))
}

async function atOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  // One iterator for all: each takes the next item that none has taken.
  const left = items.values()
  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(ENTRIES_AT_ONCE, items.length) }, async () => {
      for (const item of left) await work(item)
    }),
  )
  const failure = ends.find((end) => end.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}
