import { access, constants, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** An extension of a function: a file in `extensions` of its layers. */
export interface ExtensionFile {
  /** Name of the file, by which it has to register. */
  readonly name: string
  readonly isExecutable: boolean
}

/**
 * The extensions in an unpacked folder of layers, in the order of their names; folders are none. The folder itself must
 * not be a link: nothing on the host follows links of archives.
 */
export async function findExtensions(layersFolder: string | null): Promise<readonly ExtensionFile[]> {
  if (layersFolder === null) return []
  const folder = join(layersFolder, 'extensions')
  const found = await lstat(folder).catch(() => null)
  if (found === null || !found.isDirectory()) return []
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((entry) => !entry.isDirectory())
  const extensions = files.map(async (entry): Promise<ExtensionFile> => {
    // Whether what a link leads to can be run is seen inside.
    const isExecutable = entry.isSymbolicLink() || (await canRun(join(folder, entry.name)))
    return { name: entry.name, isExecutable }
  })
  return (await Promise.all(extensions)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function canRun(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
