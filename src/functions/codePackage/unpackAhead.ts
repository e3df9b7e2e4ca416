import type { CodeStore } from '../../environments/contract.ts'

/** Unpacks code before anybody invokes it. */
export interface UnpackAhead {
  /** Has a package unpacked soon, one after the other. */
  add(codeSha256: string): void
  /** How many wait. */
  readonly waiting: number
  /** Begins no more. Resolves when nothing is written any more. */
  stop(): Promise<void>
}

/** How many may wait: who invokes a function of which the package is not unpacked yet unpacks it. */
const MOST_WAITING = 64

export function createUnpackAhead({ folderOf }: Pick<CodeStore, 'folderOf'>): UnpackAhead {
  const waiting: string[] = []
  let working: Promise<void> | null = null
  let isStopped = false

  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined && !isStopped; next = waiting.shift()) {
      // Who needs it tries again, and tells what is wrong.
      await folderOf(next).catch(() => undefined)
    }
    working = null
  }

  return {
    add(codeSha256) {
      if (isStopped || waiting.length >= MOST_WAITING) return
      waiting.push(codeSha256)
      working ??= work()
    },
    get waiting() {
      return waiting.length
    },
    async stop() {
      isStopped = true
      await working
    },
  }
}
