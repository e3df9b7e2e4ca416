import { languageOf } from '../model/runtime.ts'
import type { SandboxShape } from './contract.ts'
import { isMono } from './findDotnet.ts'
import type { Interpreter } from './interpreters.ts'

/** What runs inside a sandbox, with the paths of there: the bootstrap is at /var/runtime, the code at /var/task. */
export function runtimeCommand(spec: SandboxShape, interpreter: Interpreter): string[] {
  const { sandboxPath } = interpreter
  switch (languageOf(spec.runtime)) {
    case 'nodejs':
      return nodeCommand(sandboxPath, spec)
    case 'python':
      return [sandboxPath, ...PYTHON_OPTIONS, '/var/runtime/bootstrap.pyc']
    case 'java':
      return javaCommand(sandboxPath, spec)
    case 'dotnet':
      return [sandboxPath, ...(isMono(interpreter.path) ? [] : ['exec']), '/var/runtime/bootstrap.dll']
    case 'provided':
      return [sandboxPath, '/var/runtime/start.sh', '/var/task', '/opt']
  }
}

/** The bootstrap does itself what Python would do at its start, but for what the machine's packages have run then. */
const PYTHON_OPTIONS = ['-S']

/** As AWS does, the heap is kept below the memory, so that garbage is collected before the environment is ended. */
function nodeCommand(program: string, { memoryMiB }: SandboxShape): string[] {
  const HEAP_SHARE = 0.9
  return [program, `--max-old-space-size=${Math.floor(memoryMiB * HEAP_SHARE)}`, '/var/runtime/bootstrap.cjs']
}

/**
 * A virtual machine that starts quickly: one compiler, one collector, and classes from an archive. The archive holds
 * only for a virtual machine with the same collector, so what writes it takes these options too.
 */
export const JAVA_OPTIONS = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
  // What it says when the archive does not fit would be in the function's log.
  '-Xlog:cds=off,cds+dynamic=off',
  '-Xshare:auto',
  '-Dfile.encoding=UTF-8',
  // From Java 18 on, calls by reflection are otherwise compiled, which takes longer than they do.
  '-Djdk.reflect.useNativeAccessorOnly=true',
]

/** Where the archive of classes is, inside. */
export const JAVA_ARCHIVE = '/var/runtime/bootstrap.jsa'

export const JAVA_PROGRAM = ['-jar', '/var/runtime/bootstrap.jar']

function javaCommand(program: string, { memoryMiB }: SandboxShape): string[] {
  const heap = `-Xmx${javaHeapMiB(memoryMiB)}m`
  return [program, ...JAVA_OPTIONS, `-XX:SharedArchiveFile=${JAVA_ARCHIVE}`, heap, ...JAVA_PROGRAM]
}

/**
 * AWS gives the heap 85 % of the memory. What the virtual machine itself takes (classes, compiled code, stacks) counts
 * here too, and must fit beside it: a heap that is full is an OutOfMemoryError of Java, not the end of the sandbox.
 */
function javaHeapMiB(memoryMiB: number): number {
  const HEAP_SHARE = 0.85
  const OVERHEAD_MIB = 40
  return Math.floor(Math.min(memoryMiB * HEAP_SHARE, memoryMiB - OVERHEAD_MIB))
}
