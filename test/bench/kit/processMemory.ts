import { readdirSync, readFileSync } from 'node:fs'

const KIB_PER_MEGABYTE = 1e6 / 1024

/** What a process holds of the machine's memory, in megabytes: pages that it shares count in part. Linux only. */
export function heldMegabytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) / KIB_PER_MEGABYTE
}

/** What processes hold together; one that has ended meanwhile holds nothing. */
export function heldTogetherMegabytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      return sum + heldMegabytes(pid)
    } catch (error) {
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return sum
      throw error
    }
  }, 0)
}

/** The processes that a process has started, and theirs. */
export function descendants(pid: number): readonly number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The name of the program, in brackets, may hold anything.
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // It has ended meanwhile.
    }
  }
  const isBelow = (child: number): boolean => {
    const parent = parents.get(child)
    return parent !== undefined && (parent === pid || isBelow(parent))
  }
  return [...parents.keys()].filter(isBelow)
}
