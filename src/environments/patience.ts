import type { ProcessorLoad } from './processorLoad.ts'

const LONGEST_MS = 1_000
/** How often it is looked whether there are processors to spare. */
const LOOK_MS = 50

/**
 * Decides for whom no environment is started, since one that is there will come to it: more of them would only take the
 * processors from each other, and starting them most of all. While there are processors to spare a few are started between
 * two looks, for each changes what the next one sees.
 */
export class Patience {
  readonly #load: ProcessorLoad
  readonly #startsPerLook: number
  readonly #onLook: () => void
  #startsLeft = 0
  #nextLook: NodeJS.Timeout | null = null

  /** Calls `onLook` when somebody was held back who may not be any more. */
  constructor(load: ProcessorLoad, startsPerLook: number, onLook: () => void) {
    this.#load = load
    this.#startsPerLook = startsPerLook
    this.#onLook = onLook
  }

  /** Until when who begins to wait now is patient, by `performance.now`; who is not, was so until long ago. */
  endOf(isPatient: boolean): number {
    return isPatient ? performance.now() + LONGEST_MS : Number.NEGATIVE_INFINITY
  }

  /** Whether none is to be started at this moment for who is patient until then; where it says no, one is. */
  holdsBack(patientUntilMs: number): boolean {
    if (patientUntilMs <= performance.now()) return false
    this.#lookAgain()
    if (this.#load.isFull() || this.#startsLeft === 0) return true
    this.#startsLeft -= 1
    return false
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
