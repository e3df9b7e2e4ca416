import { execFile } from 'node:child_process'
import { access, readdir, readFile, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { runsAs } from './runsAs.ts'

const run = promisify(execFile)

/** A Java development kit of this machine. */
export interface Jdk {
  /** Its top folder, links resolved. */
  readonly home: string
  /** For example `17.0.15`. */
  readonly version: string
}

/** Java's major version: 17 of `17.0.15`. */
function javaMajor(version: string): number {
  return Number.parseInt(version, 10)
}

/**
 * The JDK for a major version: one of just that version, or otherwise the oldest newer one, which runs the same classes.
 * Null where there is none that has a compiler and runs. What is found is known by its file `release`: no program is
 * run but the one that is taken.
 */
export async function findJdk(major: number): Promise<Jdk | null> {
  const found = await Promise.all([...new Set(await candidateHomes())].map(jdkAt))
  const fitting = found
    .filter((jdk) => jdk !== null)
    .filter(({ version }) => javaMajor(version) >= major)
    .sort((one, other) => javaMajor(one.version) - javaMajor(other.version))
  for (const jdk of fitting) if (await runsAs(join(jdk.home, 'bin', 'java'), ['-version'])) return jdk
  return null
}

/** JAVA_HOME of the service, what the PATH leads to, and where systems and version managers keep them. */
async function candidateHomes(): Promise<string[]> {
  const folders = ['/usr/lib/jvm', '/usr/local/lib/jvm', '/opt/java', join(homedir(), '.sdkman', 'candidates', 'java')]
  const kept = await Promise.all(
    folders.map(async (folder) => (await namesIn(folder)).map((name) => join(folder, name))),
  )
  const [javaHome, compiler] = await askShell()
  const onPath = await realpath(compiler).catch(() => null)
  const homes = [javaHome, ...(onPath === null ? [] : [dirname(dirname(onPath))]), ...kept.flat()]
  const real = await Promise.all(homes.map((home) => realpath(home).catch(() => null)))
  return real.filter((home) => home !== null)
}

/** What its user calls Java, and the compiler of the PATH; a path that is not where there is none. */
async function askShell(): Promise<[string, string]> {
  const question = 'printf "%s\\n" "$JAVA_HOME"; command -v javac'
  // A shell that does not find it says so with its exit code, and prints what it has.
  const { stdout = '' } = await run('sh', ['-c', question]).catch((error: { stdout?: string }) => error)
  const [javaHome = '', compiler = ''] = stdout.split('\n')
  return [javaHome || '/nonexistent', compiler || '/nonexistent']
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort()
}

async function jdkAt(home: string): Promise<Jdk | null> {
  try {
    await Promise.all(['java', 'javac', 'jar'].map((program) => access(join(home, 'bin', program))))
    const version = /^JAVA_VERSION="([^"]+)"$/m.exec(await readFile(join(home, 'release'), 'utf8'))?.[1]
    return version === undefined ? null : { home, version }
  } catch {
    // A runtime without a compiler, or no Java at all.
    return null
  }
}
