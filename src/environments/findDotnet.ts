import { execFile } from 'node:child_process'
import { access, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const LONGEST_ANSWER_MS = 10_000

/** A program that runs .NET assemblies, with a C# compiler beside it. */
export interface Dotnet {
  /** Links resolved. */
  readonly path: string
  /** Its own tree on the host: the folder of `dotnet`, or the one above Mono's `bin`. */
  readonly tree: string
  /** Of the .NET runtime, for example `8.0.11`, or of Mono, for example `6.8.0.105`. */
  readonly version: string
}

/** What an installation of .NET has that compiles C#. */
export interface DotnetCompiler {
  /** The compiler, an assembly itself. */
  readonly compiler: string
  /** Folder with the assemblies of the base class library. */
  readonly library: string
}

/** Mono stands in for .NET: it runs the same assemblies only where they were not compiled for .NET alone. */
export function isMono(path: string): boolean {
  return basename(path).startsWith('mono')
}

/** The .NET of that major version, or otherwise the oldest newer one; Mono where there is none. Both with a compiler. */
export async function findDotnet(major: number): Promise<Dotnet | null> {
  const programs = ['/usr/share/dotnet/dotnet', '/usr/lib/dotnet/dotnet', join(homedir(), '.dotnet', 'dotnet')]
  for (const program of [...programs, await onPath('dotnet')]) {
    const found = await dotnetAt(program, major)
    if (found !== null) return found
  }
  return monoAt(await onPath('mono'))
}

async function dotnetAt(program: string, major: number): Promise<Dotnet | null> {
  try {
    const path = await realpath(program)
    const runtimes = await installedIn(path, '--list-runtimes')
    const fitting = runtimes
      .filter(({ name, version }) => name === 'Microsoft.NETCore.App' && Number.parseInt(version, 10) >= major)
      .sort((one, other) => Number.parseInt(one.version, 10) - Number.parseInt(other.version, 10))
    if (fitting.length === 0 || (await dotnetCompiler(path, fitting[0]!.version)) === null) return null
    return { path, tree: dirname(path), version: fitting[0]!.version }
  } catch {
    // Not there, or not for this machine.
    return null
  }
}

/** The compiler of the newest SDK that has one, and the library of a runtime; null where there is none. */
export async function dotnetCompiler(path: string, version: string): Promise<DotnetCompiler | null> {
  const library = join(dirname(path), 'shared', 'Microsoft.NETCore.App', version)
  for (const sdk of (await installedIn(path, '--list-sdks')).reverse()) {
    const compiler = join(sdk.folder, sdk.version, 'Roslyn', 'bincore', 'csc.dll')
    if (await isThere(compiler)) return { compiler, library }
  }
  return null
}

/** `Microsoft.NETCore.App 8.0.11 [/usr/share/dotnet/shared/Microsoft.NETCore.App]`; of an SDK without the name. */
async function installedIn(path: string, question: string) {
  const { stdout } = await run(path, [question], { timeout: LONGEST_ANSWER_MS })
  const lines = [...stdout.matchAll(/^(?:(\S+) )?(\d\S+) \[(.+)\]$/gm)]
  return lines.map(([, name, version, folder]) => ({ name, version: version!, folder: folder! }))
}

async function monoAt(program: string): Promise<Dotnet | null> {
  try {
    const path = await realpath(program)
    const { stdout } = await run(path, ['--version'], { timeout: LONGEST_ANSWER_MS })
    const version = /compiler version ([\d.]+)/.exec(stdout)?.[1]
    const tree = dirname(dirname(path))
    const isWhole = await Promise.all(
      [join(tree, 'bin', 'mcs'), join(tree, 'lib', 'mono', '4.5', 'mscorlib.dll')].map(isThere),
    )
    return version === undefined || isWhole.includes(false) ? null : { path, tree, version }
  } catch {
    return null
  }
}

/** Where the PATH leads to; a path that is not where it leads to nothing. */
async function onPath(program: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', `command -v ${program}`]).catch(() => ({ stdout: '' }))
  return stdout.trim() || '/nonexistent'
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
