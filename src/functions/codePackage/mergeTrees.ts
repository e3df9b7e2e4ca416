import { foldersAbove, type TreeEntry } from './archiveTree.ts'

/** An entry of a tree that was laid over others, with the number of the tree that it comes from. */
export interface MergedEntry extends TreeEntry {
  readonly source: number
}

/**
 * One tree of several that are laid over each other in order, each listing its folders too. Folders are joined. Where
 * anything else meets, the later one counts, and takes away what is below: nothing of the result ever lies below a file
 * or a link. Folders stand before what is in them.
 */
export function mergeTrees(trees: readonly (readonly TreeEntry[])[]): MergedEntry[] {
  const merged = new Map<string, MergedEntry>()
  for (const [source, tree] of trees.entries()) {
    // Of what a later tree replaces by no folder, all that earlier ones have below has to go.
    const replaced = new Set<string>()
    for (const { path, kind } of tree) {
      if (kind !== 'FOLDER' && merged.get(path)?.kind === 'FOLDER') replaced.add(path)
    }
    if (replaced.size > 0) {
      for (const path of [...merged.keys()]) {
        if (foldersAbove(path).some((folder) => replaced.has(folder))) merged.delete(path)
      }
    }
    for (const entry of tree) {
      if (entry.kind !== 'FOLDER' || merged.get(entry.path)?.kind !== 'FOLDER') {
        merged.set(entry.path, { ...entry, source })
      }
    }
  }
  return [...merged.values()].sort((a, b) => depth(a) - depth(b))
}

function depth({ path }: TreeEntry): number {
  return path.split('/').length
}
