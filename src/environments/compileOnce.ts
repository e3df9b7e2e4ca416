import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformFault } from '../errors.ts'

export interface Compilation {
  /** Of interpreter and version, for a person who looks into the cache folder: `java-17.0.15`. */
  readonly name: string
  /** Folder with the source files. */
  readonly sources: string
  /** Whatever else the result depends on. */
  readonly variant: readonly string[]
  /** The file that is there when it is done. */
  readonly result: string
  readonly cacheFolder: string
  /** Writes the result into a folder, which is empty. */
  readonly compile: (target: string) => Promise<void>
}

/**
 * The folder with a compiled bootstrap: what is in the cache for just these sources and this variant, or made now.
 * Whoever makes it at the same time, in whatever process, makes the same. Rejects with a PlatformFault that has the last
 * thing the compiler said.
 */
export async function compileOnce({
  name,
  sources,
  variant,
  result,
  cacheFolder,
  compile,
}: Compilation): Promise<string> {
  const runtimes = join(cacheFolder, 'runtimes')
  const folder = join(runtimes, `${name}-${await fingerprint(sources, variant)}`)
  if (await exists(join(folder, result))) return folder
  await mkdir(runtimes, { recursive: true })
  const temporary = await mkdtemp(`${folder}-`)
  try {
    await compile(temporary)
    // Functions run as users of their own, which read it.
    await chmod(temporary, 0o755)
    await chmod(join(temporary, result), 0o644)
    await rename(temporary, folder).catch(async (error: unknown) => {
      if (!(await exists(join(folder, result)))) throw error
    })
    return folder
  } catch (error) {
    const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string }
    throw new PlatformFault(
      `the bootstrap ${name} could not be compiled: ${(stderr.trim() || message).split('\n')[0]}`,
      {
        cause: error,
      },
    )
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function fingerprint(sources: string, variant: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of (await readdir(sources)).sort())
    hash.update(`${file}\0`).update(await readFile(join(sources, file)))
  return hash.update(variant.join('\0')).digest('hex').slice(0, 16)
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
