/** A start that takes longer than this is waiting for the function's own code, and not for a processor. */
const LONGEST_SLOT_MS = 1_500

/** Bounds how many environments start at the same time. A start that takes long is no longer counted. */
export class StartSlots {
  #free: number
  readonly #onFree: () => void

  constructor(count: number, onFree: () => void) {
    this.#free = count
    this.#onFree = onFree
  }

  get areTaken(): boolean {
    return this.#free <= 0
  }

  /** Takes one. Disposing gives it back; it comes back by itself after a while. */
  take(): Disposable {
    this.#free -= 1
    let isTaken = true
    const free = () => {
      clearTimeout(timer)
      if (!isTaken) return
      isTaken = false
      this.#free += 1
      this.#onFree()
    }
    const timer = setTimeout(free, LONGEST_SLOT_MS)
    return { [Symbol.dispose]: free }
  }
}
