import type { RuntimeIdentifier } from '../model/runtime.ts'

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

/** An interpreter below a folder of its own, `<folder>/bin/<program>`, or one of the system's /usr. */
export function interpreterAt(runtime: RuntimeIdentifier, path: string, version: string): Interpreter {
  const SYSTEM = /^\/(usr\/)?bin\//
  if (SYSTEM.test(path)) return { runtime, path, languageFolder: null, sandboxPath: path, version }
  const match = /^(.*)\/bin\/([^/]+)$/.exec(path)
  if (match === null) throw new RangeError(`${path} is not in a bin folder`)
  return { runtime, path, languageFolder: match[1]!, sandboxPath: `/var/lang/bin/${match[2]}`, version }
}
