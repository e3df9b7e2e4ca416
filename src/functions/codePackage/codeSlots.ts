import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CodeSlot } from '../../environments/contract.ts'
import { layTrees, type TreeOfFolder, treeOf } from './layTrees.ts'
import { removeReadOnlyFolder } from './removeReadOnlyFolder.ts'

/** More than this takes longer than starting another sandbox with the code in it. */
const MOST_ENTRIES = 1_000
/** Trees of unpacked archives are remembered: they never change. */
const MOST_TREES = 256

/** The name of a slot ends so; what a killed service has left is known by it. */
export const SLOT = '.slot'

/**
 * Makes folders in `root` that code can be laid into later. Files are hard links to those of the unpacked archive, on the
 * same file system: they are as read-only as those, and their number, not their size, is what it takes.
 */
export function createCodeSlots(root: () => Promise<string>, folderOf: (codeSha256: string) => Promise<string>) {
  const trees = new Map<string, TreeOfFolder>()

  async function treeOfCode(codeSha256: string): Promise<TreeOfFolder> {
    const known = trees.get(codeSha256) ?? (await treeOf(await folderOf(codeSha256), MOST_ENTRIES))
    trees.delete(codeSha256)
    trees.set(codeSha256, known)
    if (trees.size > MOST_TREES) trees.delete(trees.keys().next().value!)
    return known
  }

  return async (): Promise<CodeSlot> => {
    const folder = join(await root(), `${randomUUID()}${SLOT}`)
    await mkdir(folder, { mode: 0o755 })
    return {
      folder,
      async fill(codeSha256) {
        const tree = await treeOfCode(codeSha256)
        if (tree.isCutOff) return false
        await layTrees([tree], folder)
        return true
      },
      remove: () => removeReadOnlyFolder(folder),
    }
  }
}
