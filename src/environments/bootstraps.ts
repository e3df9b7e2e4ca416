import { join } from 'node:path'
import { languageOf, type RuntimeIdentifier } from '../model/runtime.ts'
import type { Driver } from './drivers/contract.ts'
import type { Interpreter } from './interpreters.ts'
import { prepareDotnetBootstrap } from './prepareDotnetBootstrap.ts'
import { prepareJavaBootstrap } from './prepareJavaBootstrap.ts'
import { preparePythonBootstrap } from './preparePythonBootstrap.ts'

/** The bootstraps that run inside. */
export interface Bootstraps {
  /**
   * The folder on the host with what an interpreter is to run. Compiles what has to be, once for each interpreter, and
   * keeps it. Rejects with a PlatformFault that says why it could not.
   */
  folderFor(interpreter: Interpreter): Promise<string>
}

export interface BootstrapsOptions {
  /** Folder with the sources, one folder a language. */
  readonly sources: string
  /** Where compiled ones are kept. */
  readonly cacheFolder: string
  /** What they will run in. */
  readonly driver: Driver
  /** Told in a sentence what takes a while. */
  readonly progress: (sentence: string) => void
}

export function createBootstraps({ sources, cacheFolder, driver, progress }: BootstrapsOptions): Bootstraps {
  const prepared = new Map<RuntimeIdentifier, Promise<string>>()

  async function prepare(interpreter: Interpreter): Promise<string> {
    const language = languageOf(interpreter.runtime)
    const options = { interpreter, sources: join(sources, language), cacheFolder, driver, progress }
    switch (language) {
      case 'java':
        return prepareJavaBootstrap(options)
      case 'dotnet':
        return prepareDotnetBootstrap(options)
      case 'python':
        return preparePythonBootstrap(options)
      case 'nodejs':
      case 'provided':
        return options.sources
    }
  }

  return {
    folderFor(interpreter) {
      const { runtime } = interpreter
      const present = prepared.get(runtime) ?? prepare(interpreter)
      prepared.set(runtime, present)
      // What failed is tried again: what was missing may be there then.
      present.catch(() => prepared.delete(runtime))
      return present
    },
  }
}
