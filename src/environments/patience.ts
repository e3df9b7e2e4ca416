import type { ProcessorLoad } from './processorLoad.ts'

/** Where none has come back for so long, what is there may be busy for long. */
const LONGEST_MS = 1_000
/** How often it is looked whether there are processors to spare. */
const LOOK_MS = 50
const MOST_KEYS = 1_000

/**
 * Decides for whom no environment is started, since one that is there will come to it: more of them would only take the
 * processors from each other, until none is done in its time. While there are processors to spare a few are started between
 * two looks, for each changes what the next one sees; otherwise one in a second, and only of a version of which none has
 * come back for as long.
 */
export class Patience {
  readonly #load: ProcessorLoad
  readonly #startsPerLook: number
  readonly #onLook: () => void
  readonly #servedAtMs = new Map<string, number>()
  #startedAtMs = Number.NEGATIVE_INFINITY
  #startsLeft = 0
  #nextLook: NodeJS.Timeout | null = null

  /** Calls `onLook` when somebody was held back who may not be any more. */
  constructor(load: ProcessorLoad, startsPerLook: number, onLook: () => void) {
    this.#load = load
    this.#startsPerLook = startsPerLook
    this.#onLook = onLook
  }

  /** Says that one of a key has come back to who waited for it. */
  served(key: string): void {
    if (this.#servedAtMs.size >= MOST_KEYS) this.#servedAtMs.clear()
    this.#servedAtMs.set(key, performance.now())
  }

  /** Whether none is to be started at this moment for who has waited since then, by `performance.now`; if not, one is. */
  holdsBack(key: string, sinceMs: number): boolean {
    this.#lookAgain()
    if (this.#load.isFull()) return !this.#isStuck(key, sinceMs)
    if (this.#startsLeft === 0) return true
    this.#startsLeft -= 1
    return false
  }

  #isStuck(key: string, sinceMs: number): boolean {
    const nowMs = performance.now()
    const lastMs = Math.max(sinceMs, this.#servedAtMs.get(key) ?? sinceMs, this.#startedAtMs)
    if (nowMs - lastMs < LONGEST_MS) return false
    this.#startedAtMs = nowMs
    return true
  }

  #lookAgain(): void {
    if (this.#nextLook !== null) return
    this.#startsLeft = this.#startsPerLook
    this.#nextLook = setTimeout(() => {
      this.#nextLook = null
      this.#onLook()
    }, LOOK_MS).unref()
  }
}
