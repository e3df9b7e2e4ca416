import type { EnvironmentSpec } from './contract.ts'

/** An environment that is being started. */
export interface Start {
  readonly spec: EnvironmentSpec
  readonly isProvisioned: boolean
  /** Its version was replaced meanwhile: it may serve who waits for it, but is not kept. */
  isRetired: boolean
}

/** All starts that are under way. */
export class Starts {
  readonly #all = new Map<Start, Promise<void>>()

  /** `done` resolves when it is over; it may be deleted before. */
  add(start: Start, done: Promise<void>): void {
    this.#all.set(start, done)
  }

  delete(start: Start): void {
    this.#all.delete(start)
  }

  /** How many there are for a key. */
  count(key: string, isProvisioned = false): number {
    let count = 0
    for (const start of this.#all.keys())
      if (start.spec.key === key && start.isProvisioned === isProvisioned) count += 1
    return count
  }

  all(): Start[] {
    return [...this.#all.keys()]
  }

  async untilOver(): Promise<void> {
    await Promise.all(this.#all.values())
  }
}
