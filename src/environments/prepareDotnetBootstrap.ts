import { execFile } from 'node:child_process'
import { copyFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { PlatformFault } from '../errors.ts'
import { compileOnce } from './compileOnce.ts'
import { dotnetCompiler, isMono } from './findDotnet.ts'
import type { Interpreter } from './interpreters.ts'

export interface DotnetBootstrapOptions {
  readonly interpreter: Interpreter
  /** Folder with the C# sources. */
  readonly sources: string
  readonly cacheFolder: string
  readonly progress: (sentence: string) => void
}

const run = promisify(execFile)
const LONGEST_COMPILATION_MS = 120_000
const ASSEMBLY = 'bootstrap.dll'
/** Says to `dotnet` which runtime the assembly is for. Mono does without. */
const RUNTIME_CONFIG = 'bootstrap.runtimeconfig.json'

/**
 * The folder with the compiled bootstrap, made once for each .NET or Mono from the same sources. Rejects with a
 * PlatformFault where it cannot be compiled.
 */
export function prepareDotnetBootstrap(options: DotnetBootstrapOptions): Promise<string> {
  const { interpreter, sources, cacheFolder, progress } = options
  const { path, version } = interpreter
  const name = `${isMono(path) ? 'mono' : 'dotnet'}-${version}`
  return compileOnce({
    name,
    sources,
    variant: [path],
    result: ASSEMBLY,
    cacheFolder,
    async compile(target) {
      progress(`compiling the bootstrap of ${name} (some seconds, this once)`)
      const files = (await readdir(sources)).filter((file) => file.endsWith('.cs')).map((file) => join(sources, file))
      const out = `-out:${join(target, ASSEMBLY)}`
      const [program, ...compiler] = await compilerOf(interpreter)
      await run(program!, [...compiler, '-optimize+', '-nologo', out, ...files], { timeout: LONGEST_COMPILATION_MS })
      await copyFile(join(sources, RUNTIME_CONFIG), join(target, RUNTIME_CONFIG))
    },
  })
}

/** How the C# compiler is called, with the library that it is to compile against. */
async function compilerOf({ path, version }: Interpreter): Promise<string[]> {
  if (isMono(path)) return [join(dirname(path), 'mcs')]
  const found = await dotnetCompiler(path, version)
  if (found === null) throw new PlatformFault('there is no C# compiler in the .NET SDK')
  const assemblies = (await readdir(found.library)).filter((file) =>
    /^(System\.|mscorlib|netstandard).*dll$/.test(file),
  )
  const references = assemblies.map((file) => `-reference:${join(found.library, file)}`)
  return [path, 'exec', found.compiler, '-noconfig', '-nostdlib', ...references]
}
