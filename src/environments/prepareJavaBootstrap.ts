import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { PlatformFault } from '../errors.ts'
import { compileOnce } from './compileOnce.ts'
import type { Driver, SandboxSpec } from './drivers/contract.ts'
import type { Interpreter } from './interpreters.ts'
import { JAVA_OPTIONS, JAVA_PROGRAM } from './runtimeCommand.ts'

export interface JavaBootstrapOptions {
  readonly interpreter: Interpreter
  /** Folder with the package `lambdaql`. */
  readonly sources: string
  readonly cacheFolder: string
  readonly driver: Driver
  readonly progress: (sentence: string) => void
}

const run = promisify(execFile)
const LONGEST_COMPILATION_MS = 120_000
/** The oldest Java that the bootstrap is written for. */
const RELEASE = '17'
const JAR = 'bootstrap.jar'
const ARCHIVE = 'bootstrap.jsa'

/**
 * The folder with the compiled bootstrap and its archive of classes, made once for each JDK and driver: some seconds.
 * Rejects with a PlatformFault where it cannot be compiled; without an archive a start takes longer, and that is all.
 */
export async function prepareJavaBootstrap(options: JavaBootstrapOptions): Promise<string> {
  const { interpreter, sources, cacheFolder, driver, progress } = options
  const folder = await compileOnce({
    name: `java-${interpreter.version}`,
    sources: join(sources, 'lambdaql'),
    // An archive holds for the very paths and options that it was written with.
    variant: [interpreter.path, driver.name, ...JAVA_OPTIONS],
    result: JAR,
    cacheFolder,
    async compile(target) {
      progress(`compiling the bootstrap of Java ${interpreter.version} (some seconds, this once)`)
      await compile(interpreter, join(sources, 'lambdaql'), target)
    },
  })
  if (!(await exists(join(folder, ARCHIVE)))) {
    await writeArchive(interpreter, driver, folder).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      progress(`Java ${interpreter.version} starts without an archive of its classes: ${reason}`)
    })
  }
  return folder
}

async function compile({ path }: Interpreter, sources: string, target: string): Promise<void> {
  const names = await readdir(sources)
  const files = names.filter((name) => name.endsWith('.java')).map((name) => join(sources, name))
  const classes = join(target, 'classes')
  const options = ['--release', RELEASE, '-proc:none', '-nowarn', '-XDstringConcat=inline', '-encoding', 'UTF-8']
  const limits = { timeout: LONGEST_COMPILATION_MS }
  await run(join(dirname(path), 'javac'), [...options, '-d', classes, ...files], limits)
  const jar = ['--create', '--no-compress', '--file', join(target, JAR), '--manifest', join(sources, 'MANIFEST.MF')]
  await run(join(dirname(path), 'jar'), [...jar, '-C', classes, '.'], limits)
  await rm(classes, { recursive: true })
}

/** Written inside a sandbox, for the paths of there are in it, and sent out as its answer. */
const TRAIN = `
archive=\${TMPDIR:-/tmp}/${ARCHIVE}
java=$1
shift
"$java" "-XX:ArchiveClassesAtExit=$archive" "$@" 1>&2 || exit
exec /bin/cat "$archive" >&4
`

async function writeArchive(
  { sandboxPath, languageFolder }: Interpreter,
  driver: Driver,
  folder: string,
): Promise<void> {
  const spec: SandboxSpec = {
    languageFolder,
    command: ['/bin/sh', '-c', TRAIN, 'sh', sandboxPath, ...JAVA_OPTIONS, ...JAVA_PROGRAM, 'train'],
    codeFolder: folder,
    layersFolder: null,
    links: {},
    bootstrapFolder: folder,
    environment: {},
    hasRuntimeApi: false,
    isSupervised: false,
    memoryMiB: 512,
    networkAccess: 'NONE',
    ephemeralStorageMiB: 512,
  }
  const sandbox = await driver.start(spec)
  sandbox.stdout.resume()
  const archive: Buffer[] = []
  sandbox.answers.on('data', (chunk: Buffer) => archive.push(chunk))
  const [said, end] = await Promise.all([text(sandbox.stderr), sandbox.ended])
  if (end.exitCode !== 0 || archive.length === 0)
    throw new PlatformFault(said.trim().split('\n').at(-1) || 'no archive came')
  const temporary = join(folder, `${ARCHIVE}.${randomBytes(16).toString('hex')}`)
  await writeFile(temporary, Buffer.concat(archive))
  await chmod(temporary, 0o644)
  // Whoever else has made one meanwhile has made the same.
  await rename(temporary, join(folder, ARCHIVE))
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
