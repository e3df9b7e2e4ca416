import { execFile } from 'node:child_process'
import { access, readdir, readFile, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isCustomRuntime, type RuntimeIdentifier } from '../model/runtime.ts'

/** A program that runs a language, as it is on this machine. */
export interface Interpreter {
  readonly runtime: RuntimeIdentifier
  /** Path of the program on the host. */
  readonly path: string
  /** The folder that holds the language's own tree, to be mounted at /var/lang; null where it belongs to /usr. */
  readonly languageFolder: string | null
  /** Path of the program inside a sandbox. */
  readonly sandboxPath: string
  /** For example `22.23.3`. */
  readonly version: string
}

const run = promisify(execFile)
const LONGEST_ANSWER_MS = 10_000

/** The major version of a Node.js runtime; null for other languages. */
export function nodeMajor(runtime: RuntimeIdentifier): string | null {
  return /^nodejs(\d+)\.x$/.exec(runtime)?.[1] ?? null
}

/** `3.12` of `python3.12`. */
export function pythonVersion(runtime: RuntimeIdentifier): string {
  return runtime.replace('python', '')
}

/**
 * The first interpreter of the runtime that is on this machine and runs: this process's own or `fetchedNode`, then the
 * system's, then what the PATH leads to, then pyenv's. Null where there is none. Downloads nothing.
 */
export async function findInterpreter(runtime: RuntimeIdentifier, fetchedNode: string): Promise<Interpreter | null> {
  if (isCustomRuntime(runtime)) return customRuntime(runtime)
  const major = nodeMajor(runtime)
  const candidates =
    major === null
      ? await pythonCandidates(pythonVersion(runtime))
      : [process.execPath, fetchedNode, '/usr/bin/node', '/usr/local/bin/node', 'node']
  for (const candidate of candidates) {
    const found = await ask(candidate, major === null ? PYTHON_QUESTION : NODE_QUESTION)
    if (found === null || !found.version.startsWith(`${major ?? pythonVersion(runtime)}.`)) continue
    const interpreter = await interpreterAt(runtime, found.path, found.version)
    if (interpreter !== null) return interpreter
  }
  return null
}

/** The shell that becomes the package's own bootstrap. Its version is that of the system whose libraries a bootstrap finds. */
async function customRuntime(runtime: RuntimeIdentifier): Promise<Interpreter> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]+)`, 'm').exec(release)?.[1]
  const version = `${field('ID') ?? 'linux'}-${field('VERSION_ID') ?? 'unknown'}`
  return { runtime, path: '/bin/sh', languageFolder: null, sandboxPath: '/bin/sh', version }
}

/** Both print the real path of the program and its version: what is called may be a link or a shim. */
const NODE_QUESTION = ['-p', '[process.execPath, process.versions.node].join("\\n")']
const PYTHON_QUESTION = ['-c', 'import platform, sys; print(sys.executable, platform.python_version(), sep="\\n")']

async function ask(program: string, question: readonly string[]): Promise<{ path: string; version: string } | null> {
  try {
    const { stdout } = await run(program, question, { timeout: LONGEST_ANSWER_MS })
    const [path, version] = stdout.split('\n')
    return { path: await realpath(path!), version: version! }
  } catch {
    // Not there, or not for this machine: the next one may be.
    return null
  }
}

async function pythonCandidates(version: string): Promise<string[]> {
  const pyenv = join(homedir(), '.pyenv', 'versions')
  const present = (await readdir(pyenv).catch(() => [])).filter((name) => name.startsWith(`${version}.`))
  return [
    ...[`/usr/bin/python${version}`, `/usr/local/bin/python${version}`, `python${version}`],
    ...present.map((name) => join(pyenv, name, 'bin', `python${version}`)),
  ]
}

/**
 * The interpreter at a path: one of the system's /usr, or one with a tree of its own, `<tree>/bin/<program>`. Null for a
 * lone program: the folder above it is mounted, and in that of `~/bin/node` functions would find somebody's home.
 */
async function interpreterAt(runtime: RuntimeIdentifier, path: string, version: string): Promise<Interpreter | null> {
  const SYSTEM = /^\/(usr\/)?bin\//
  if (SYSTEM.test(path)) return { runtime, path, languageFolder: null, sandboxPath: path, version }
  const match = /^(.+)\/bin\/([^/]+)$/.exec(path)
  if (match === null) return null
  const [, languageFolder, program] = match
  const isPython = nodeMajor(runtime) === null
  const treeMark = isPython ? join('lib', runtime, 'os.py') : join('include', 'node', 'node_version.h')
  const isTree = await access(join(languageFolder!, treeMark)).then(
    () => true,
    () => false,
  )
  const isHome = languageFolder === homedir() || dirname(languageFolder!) === '/home'
  if (!isTree || isHome) return null
  return { runtime, path, languageFolder: languageFolder!, sandboxPath: `/var/lang/bin/${program}`, version }
}
