import { execFile } from 'node:child_process'
import { access, readdir, readFile, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { languageOf, type RuntimeIdentifier } from '../model/runtime.ts'
import { findDotnet } from './findDotnet.ts'
import { findJdk } from './findJdk.ts'

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

/** 17 of `java17`: the release that a function is compiled for. */
export function javaRelease(runtime: RuntimeIdentifier): number {
  return Number(runtime.replace('java', ''))
}

/** 8 of `dotnet8`. */
export function dotnetRelease(runtime: RuntimeIdentifier): number {
  return Number(runtime.replace('dotnet', ''))
}

/**
 * The first interpreter of the runtime that is on this machine and runs: this process's own or `fetchedNode`, then the
 * system's, then what the PATH leads to, then pyenv's; of Java a JDK, of .NET a .NET or Mono. Null where there is none. Downloads nothing.
 */
export async function findInterpreter(runtime: RuntimeIdentifier, fetchedNode: string): Promise<Interpreter | null> {
  switch (languageOf(runtime)) {
    case 'nodejs': {
      const candidates = [process.execPath, fetchedNode, '/usr/bin/node', '/usr/local/bin/node', 'node']
      return firstOf(runtime, candidates, NODE_QUESTION, nodeMajor(runtime)!)
    }
    case 'python': {
      const version = pythonVersion(runtime)
      return firstOf(runtime, await pythonCandidates(version), PYTHON_QUESTION, version)
    }
    case 'java':
      return javaRuntime(runtime)
    case 'dotnet':
      return dotnetRuntime(runtime)
    case 'provided':
      return customRuntime(runtime)
  }
}

/** The first of the programs that answers with the wanted version and has a tree that can be mounted. */
async function firstOf(
  runtime: RuntimeIdentifier,
  candidates: readonly string[],
  question: readonly string[],
  version: string,
): Promise<Interpreter | null> {
  for (const candidate of candidates) {
    const found = await ask(candidate, question)
    if (found === null || !found.version.startsWith(`${version}.`)) continue
    const interpreter = await interpreterAt(runtime, found.path, found.version)
    if (interpreter !== null) return interpreter
  }
  return null
}

/** The virtual machine of a JDK: one in /usr as it is, any other with its own folder alone. */
async function javaRuntime(runtime: RuntimeIdentifier): Promise<Interpreter | null> {
  const jdk = await findJdk(javaRelease(runtime))
  if (jdk === null) return null
  const path = join(jdk.home, 'bin', 'java')
  return inTree(runtime, path, jdk.home, jdk.version)
}

/** A .NET, or Mono in its place. */
async function dotnetRuntime(runtime: RuntimeIdentifier): Promise<Interpreter | null> {
  const dotnet = await findDotnet(dotnetRelease(runtime))
  return dotnet === null ? null : inTree(runtime, dotnet.path, dotnet.tree, dotnet.version)
}

/** A sandbox has the system's /usr, but nothing below /usr/local: any other tree is mounted. */
function inTree(runtime: RuntimeIdentifier, path: string, tree: string, version: string): Interpreter {
  const isSystem = /^\/usr(\/(?!local\/)|$)/.test(tree)
  if (isSystem) return { runtime, path, languageFolder: null, sandboxPath: path, version }
  return { runtime, path, languageFolder: tree, sandboxPath: join('/var/lang', relative(tree, path)), version }
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
