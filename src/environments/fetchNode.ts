import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { PlatformFault } from '../errors.ts'

const run = promisify(execFile)
const LONGEST_FETCH_MS = 10 * 60_000

/** The npm package that carries Node.js binaries for this machine. */
const PACKAGE = `node-${platform() === 'win32' ? 'win' : platform()}-${arch()}`

/** Path of a Node.js that was fetched, whether or not it is there. */
export function fetchedNode(major: string, cacheFolder: string): string {
  return join(cacheFolder, 'runtimes', `nodejs${major}`, 'bin', 'node')
}

/**
 * Fetches the newest Node.js of a major version from the npm registry into the cache, with the machine's own npm and its
 * settings. What is there when it returns is complete: it is put together elsewhere and moved into place, and of two
 * processes that do so at the same time one wins.
 */
export async function fetchNode(
  major: string,
  cacheFolder: string,
  progress: (sentence: string) => void,
): Promise<void> {
  const program = fetchedNode(major, cacheFolder)
  const folder = dirname(dirname(program))
  await mkdir(dirname(folder), { recursive: true })
  const temporary = await mkdtemp(`${folder}-`)
  try {
    progress(`fetching Node.js ${major} from the npm registry (about 40 MB, this once)`)
    await writeFile(join(temporary, 'package.json'), '{"private":true}')
    await run(
      'npm',
      [
        'install',
        '--no-save',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        `${PACKAGE}@${major}`,
      ],
      {
        cwd: temporary,
        timeout: LONGEST_FETCH_MS,
      },
    )
    await rename(join(temporary, 'node_modules', PACKAGE), folder).catch(async (error: unknown) => {
      await access(program).catch(() => {
        throw error
      })
    })
    progress(`Node.js ${major} is ready`)
  } catch (error) {
    throw new PlatformFault(`Node.js ${major} could not be fetched from the npm registry: ${reasonOf(error)}`, {
      cause: error,
    })
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** What npm itself says, or why it could not be asked. */
function reasonOf(error: unknown): string {
  const { code, stderr = '' } = error as { readonly code?: unknown; readonly stderr?: string }
  if (code === 'ENOENT') return 'npm is not on the PATH of the service'
  const sentences = [...stderr.matchAll(/^npm (?:error|ERR!) (?!code |errno |syscall |type )(.*)$/gm)].map(
    ([, sentence]) => sentence!,
  )
  return sentences[0] ?? (error instanceof Error ? error.message.split('\n')[0]! : String(error))
}
