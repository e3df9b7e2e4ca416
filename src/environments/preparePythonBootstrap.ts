import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { compileOnce } from './compileOnce.ts'
import type { Interpreter } from './interpreters.ts'

export interface PythonBootstrapOptions {
  readonly interpreter: Interpreter
  /** Folder with the source. */
  readonly sources: string
  readonly cacheFolder: string
}

const run = promisify(execFile)
const LONGEST_COMPILATION_MS = 30_000
const BYTECODE = 'bootstrap.pyc'

/** Never compared with its source, which is not there when it runs; its frames are called by the source's name. */
const COMPILE = `import py_compile, sys
py_compile.compile(sys.argv[1], sys.argv[2], 'bootstrap.py', doraise=True,
                   invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)`

/**
 * The folder with the bootstrap as bytecode, made once for each interpreter: compiling it took each cold start longer
 * than running it. Rejects with a PlatformFault where it cannot be compiled.
 */
export function preparePythonBootstrap({ interpreter, sources, cacheFolder }: PythonBootstrapOptions): Promise<string> {
  return compileOnce({
    name: `python-${interpreter.version}`,
    sources,
    variant: [interpreter.path, COMPILE],
    result: BYTECODE,
    cacheFolder,
    async compile(target) {
      const files = [join(sources, 'bootstrap.py'), join(target, BYTECODE)]
      await run(interpreter.path, ['-I', '-S', '-c', COMPILE, ...files], { timeout: LONGEST_COMPILATION_MS })
    },
  })
}
