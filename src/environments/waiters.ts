import type { EnvironmentSpec } from './contract.ts'

/** Who waits for an environment of a version. */
export interface Waiter<Member> {
  readonly spec: EnvironmentSpec
  /** It takes none that has served before. */
  readonly isColdStartForced: boolean
  /** Since when it is patient, by `performance.now`; null for who is not. */
  readonly patientSinceMs: number | null
  readonly resolve: (member: Member) => void
  readonly reject: (error: unknown) => void
  /** Calls when its patience is at an end. */
  timer: NodeJS.Timeout
}

/** All who wait, in the order of coming. */
export class Waiters<Member, Waiting extends Waiter<Member>> {
  readonly #all: Waiting[] = []

  /** A copy: what is done to one may take others away. */
  list(): Waiting[] {
    return [...this.#all]
  }

  add(waiter: Waiting): void {
    this.#all.push(waiter)
  }

  /** How many of its key came before one; null where it does not wait any more. */
  countBefore(waiter: Waiting): number | null {
    const index = this.#all.indexOf(waiter)
    return index < 0 ? null : this.#all.slice(0, index).filter(({ spec }) => spec.key === waiter.spec.key).length
  }

  /** Takes who has waited longest for a key; `isNew`: for an environment that has not served. */
  take(key: string, isNew: boolean): Waiting | null {
    const found = this.#all.find(({ spec, isColdStartForced }) => spec.key === key && (isNew || !isColdStartForced))
    if (found === undefined) return null
    this.remove(found)
    return found
  }

  remove(waiter: Waiting): void {
    clearTimeout(waiter.timer)
    const index = this.#all.indexOf(waiter)
    if (index >= 0) this.#all.splice(index, 1)
  }
}
