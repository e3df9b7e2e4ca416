import { execFile } from 'node:child_process'
import { readdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PlatformFault } from '../errors.ts'
import { RUNTIME_IDENTIFIERS, type RuntimeIdentifier } from '../model/runtime.ts'
import { fetchedNode, fetchNode } from './fetchNode.ts'
import { type Interpreter, interpreterAt } from './interpreters.ts'

/** What is known of a runtime on this machine; the fields of the GraphQL type `RuntimeInfo`. */
export interface RuntimeStatus {
  readonly runtime: RuntimeIdentifier
  readonly isUsable: boolean
  readonly version: string | null
  readonly interpreterPath: string | null
  readonly advice: string | null
}

/** The interpreters of this machine. */
export interface EnvironmentRuntimes {
  /** All runtimes in the order of RUNTIME_IDENTIFIERS. Downloads nothing. */
  list(): Promise<RuntimeStatus[]>
  /** The interpreter of a runtime, fetched if need be. Rejects with a PlatformFault that says what to install. */
  ensure(runtime: RuntimeIdentifier): Promise<Interpreter>
}

export interface EnvironmentRuntimesOptions {
  /** Where fetched interpreters are kept. */
  readonly cacheFolder: string
  /** Told in a sentence what takes a while. */
  readonly progress: (sentence: string) => void
}

const run = promisify(execFile)

export function createEnvironmentRuntimes({ cacheFolder, progress }: EnvironmentRuntimesOptions): EnvironmentRuntimes {
  const found = new Map<RuntimeIdentifier, Promise<Interpreter | null>>()
  const fetching = new Map<RuntimeIdentifier, Promise<Interpreter>>()

  /** What is there without a download. What is not there is looked for again the next time: it may be installed. */
  async function find(runtime: RuntimeIdentifier): Promise<Interpreter | null> {
    const known = found.get(runtime) ?? look(runtime, cacheFolder)
    found.set(runtime, known)
    const interpreter = await known
    if (interpreter === null) found.delete(runtime)
    return interpreter
  }

  async function fetch(runtime: RuntimeIdentifier, major: string): Promise<Interpreter> {
    await fetchNode(major, cacheFolder, progress)
    const interpreter = await find(runtime)
    if (interpreter === null) throw new PlatformFault(`the fetched Node.js ${major} does not run on this machine`)
    return interpreter
  }

  return {
    list: () =>
      Promise.all(
        RUNTIME_IDENTIFIERS.map(async (runtime) => {
          const interpreter = await find(runtime)
          if (interpreter !== null) {
            return {
              runtime,
              isUsable: true,
              version: interpreter.version,
              interpreterPath: interpreter.path,
              advice: null,
            }
          }
          const isFetchable = nodeMajor(runtime) !== null
          return { runtime, isUsable: isFetchable, version: null, interpreterPath: null, advice: adviceFor(runtime) }
        }),
      ),
    async ensure(runtime) {
      const interpreter = await find(runtime)
      if (interpreter !== null) return interpreter
      const major = nodeMajor(runtime)
      if (major === null)
        throw new PlatformFault(`The runtime ${runtime} is not on this machine. ${adviceFor(runtime)}`)
      const present = fetching.get(runtime) ?? fetch(runtime, major).finally(() => fetching.delete(runtime))
      fetching.set(runtime, present)
      return present
    },
  }
}

function nodeMajor(runtime: RuntimeIdentifier): string | null {
  return /^nodejs(\d+)\.x$/.exec(runtime)?.[1] ?? null
}

function adviceFor(runtime: RuntimeIdentifier): string {
  const major = nodeMajor(runtime)
  if (major !== null) return `Node.js ${major} is fetched from the npm registry at its first use (about 40 MB).`
  const version = runtime.replace('python', '')
  return `Install Python ${version} so that python${version} is on the PATH of the service, for example with apt-get install python${version} or pyenv install ${version}.`
}

async function look(runtime: RuntimeIdentifier, cacheFolder: string): Promise<Interpreter | null> {
  const major = nodeMajor(runtime)
  const candidates =
    major === null
      ? await pythonCandidates(runtime.replace('python', ''))
      : [process.execPath, fetchedNode(major, cacheFolder), '/usr/local/bin/node', '/usr/bin/node']
  const pattern =
    major === null
      ? new RegExp(`^Python (${runtime.replace('python', '').replace('.', '\\.')}\\.\\S+)`)
      : new RegExp(`^v(${major}\\.\\S+)`)
  for (const candidate of candidates) {
    try {
      const { stdout } = await run(candidate, ['--version'], { timeout: 10_000 })
      const version = pattern.exec(stdout)?.[1]
      if (version !== undefined) return interpreterAt(runtime, await realpath(candidate), version)
    } catch {
      // Not there, or not for this machine: the next one may be.
    }
  }
  return null
}

async function pythonCandidates(version: string): Promise<string[]> {
  const pyenv = join(homedir(), '.pyenv', 'versions')
  const versions = await readdir(pyenv).catch(() => [])
  return [
    `/usr/bin/python${version}`,
    `/usr/local/bin/python${version}`,
    ...versions
      .filter((name) => name.startsWith(`${version}.`))
      .map((name) => join(pyenv, name, 'bin', `python${version}`)),
  ]
}
