import { mkdir } from 'node:fs/promises'
import { layTrees, treeOf } from './layTrees.ts'

/** Lays unpacked archives over each other, in order, in a folder that must not exist yet, as `layTrees` does. */
export async function mergeFolders(folders: readonly string[], target: string): Promise<void> {
  const trees = await Promise.all(folders.map((folder) => treeOf(folder)))
  await mkdir(target)
  await layTrees(trees, target)
}
