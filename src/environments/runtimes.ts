import { PlatformFault } from '../errors.ts'
import { languageOf, RUNTIME_IDENTIFIERS, type RuntimeIdentifier } from '../model/runtime.ts'
import { fetchedNode, fetchNode } from './fetchNode.ts'
import { isMono } from './findDotnet.ts'
import {
  dotnetRelease,
  findInterpreter,
  type Interpreter,
  javaRelease,
  nodeMajor,
  pythonVersion,
} from './interpreters.ts'

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

/** Looks for interpreters when they are first asked for, and remembers those that are there. */
export function createEnvironmentRuntimes({ cacheFolder, progress }: EnvironmentRuntimesOptions): EnvironmentRuntimes {
  const found = new Map<RuntimeIdentifier, Promise<Interpreter | null>>()
  const fetching = new Map<RuntimeIdentifier, Promise<Interpreter>>()

  /** What is there without a download. What is not there is looked for again the next time: it may be installed. */
  async function find(runtime: RuntimeIdentifier): Promise<Interpreter | null> {
    const present = found.get(runtime) ?? findInterpreter(runtime, fetchedNode(nodeMajor(runtime) ?? '', cacheFolder))
    found.set(runtime, present)
    const interpreter = await present
    if (interpreter === null) found.delete(runtime)
    return interpreter
  }

  async function fetch(runtime: RuntimeIdentifier, major: string): Promise<Interpreter> {
    await fetchNode(major, cacheFolder, progress)
    const interpreter = await find(runtime)
    if (interpreter === null) throw new PlatformFault(`the fetched Node.js ${major} does not run on this machine`)
    return interpreter
  }

  async function statusOf(runtime: RuntimeIdentifier): Promise<RuntimeStatus> {
    const interpreter = await find(runtime)
    if (interpreter === null) {
      const isUsable = nodeMajor(runtime) !== null
      return { runtime, isUsable, version: null, interpreterPath: null, advice: adviceFor(runtime) }
    }
    const { version, path } = interpreter
    return { runtime, isUsable: true, version, interpreterPath: path, advice: remarkOn(interpreter) }
  }

  return {
    list: () => Promise.all(RUNTIME_IDENTIFIERS.map(statusOf)),
    async ensure(runtime) {
      const interpreter = await find(runtime)
      if (interpreter !== null) return interpreter
      const major = nodeMajor(runtime)
      if (major === null) {
        throw new PlatformFault(`The runtime ${runtime} is not on this machine. ${adviceFor(runtime)}`)
      }
      const present = fetching.get(runtime) ?? fetch(runtime, major).finally(() => fetching.delete(runtime))
      fetching.set(runtime, present)
      return present
    },
  }
}

/** What to do, or what will be done, about a runtime that is not there. */
function adviceFor(runtime: RuntimeIdentifier): string {
  switch (languageOf(runtime)) {
    case 'nodejs':
      return `Node.js ${nodeMajor(runtime)} is fetched from the npm registry at its first use (about 40 MB).`
    case 'python': {
      const version = pythonVersion(runtime)
      return `Install Python ${version} so that python${version} is on the PATH of the service, for example with apt-get install python${version} or pyenv install ${version}.`
    }
    case 'java':
      return `Install a JDK, with its compiler, of version ${javaRelease(runtime)} or newer, for example with apt-get install openjdk-${javaRelease(runtime)}-jdk-headless, or have JAVA_HOME of the service lead to one.`
    case 'dotnet':
      return `Install the .NET SDK ${dotnetRelease(runtime)} or newer, or Mono with its C# compiler, for example with apt-get install mono-runtime mono-mcs.`
    case 'provided':
      return 'Install a shell at /bin/sh.'
  }
}

/** What to know of an interpreter that is there but is not just the one that the runtime names. */
function remarkOn({ runtime, path, version }: Interpreter): string | null {
  const major = Number.parseInt(version, 10)
  if (languageOf(runtime) === 'java' && major !== javaRelease(runtime)) {
    const release = javaRelease(runtime)
    return `Java ${major} runs it, for no JDK ${release} is on this machine; for the very version install one, for example with apt-get install openjdk-${release}-jdk-headless.`
  }
  if (languageOf(runtime) === 'dotnet' && isMono(path)) {
    return `Mono runs it, for no .NET SDK ${dotnetRelease(runtime)} is on this machine: assemblies for .NET Framework 4 run, those for .NET alone do not.`
  }
  if (languageOf(runtime) === 'dotnet' && major !== dotnetRelease(runtime)) {
    return `.NET ${major} runs it, for no .NET ${dotnetRelease(runtime)} is on this machine.`
  }
  return null
}
