import { readdirSync, readFileSync } from 'node:fs'

/** O_CLOEXEC of asm-generic/fcntl.h, which both x86-64 and aarch64 use. */
const CLOSE_ON_EXEC = 0o2000000

/** What a child is started with, by descriptor. */
export type Stdio = 'ignore' | 'pipe' | 'ipc' | number

/**
 * Makes the function that keeps what this process was started with open from its children, who would get it: beyond their
 * own descriptors, it is an open file that has nothing.
 */
export function coverInherited(nothing: number): (stdio: readonly Stdio[]) => Stdio[] {
  const inherited = inheritedDescriptors()
  return (own) => {
    const stdio = [...own]
    for (const descriptor of inherited) {
      while (stdio.length < descriptor) stdio.push('ignore')
      stdio[descriptor] ??= nothing
    }
    return stdio
  }
}

/**
 * The descriptors of this process, above the standard ones, that its children would get: those that whoever started it
 * left open. What Node.js opens itself is closed on exec.
 */
function inheritedDescriptors(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => descriptor > 2 && isInherited(descriptor))
}

function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0
  } catch {
    // The one that the folder was read through.
    return false
  }
}
