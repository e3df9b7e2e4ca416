/** How things are made ahead, and of what use they are then. */
export interface StockOptions<Thing> {
  /** How many are kept. */
  readonly size: number
  readonly make: () => Promise<Thing>
  /** Whether one that was made a while ago can still be handed out. */
  readonly isFresh: (thing: Thing) => boolean
  /** Called once for each that is not handed out. */
  readonly discard: (thing: Thing) => void
  /** Told why one could not be made that nobody waits for. */
  readonly onError: (error: unknown) => void
}

/** Making one takes some milliseconds of a processor, which whoever has just taken one needs more. */
const REFILL_PAUSE_MS = 100

/** Things that are made ahead of those who need them, each handed out once. Empty until it is told to fill itself. */
export class Stock<Thing> {
  readonly #options: StockOptions<Thing>
  #things: Thing[] = []
  #refilling: NodeJS.Timeout | null = null
  #isStopped = false

  constructor(options: StockOptions<Thing>) {
    this.#options = options
  }

  /** The fresh one that has been there longest, or a new one where there is none. Rejects where none can be made. */
  async take(): Promise<Thing> {
    const { isFresh, discard, make } = this.#options
    let thing = this.#things.shift()
    while (thing !== undefined && !isFresh(thing)) {
      discard(thing)
      thing = this.#things.shift()
    }
    this.refill()
    return thing ?? (await make())
  }

  /** Makes one more. Rejects where it cannot be made. */
  async add(): Promise<void> {
    const thing = await this.#options.make()
    if (this.#isStopped) this.#options.discard(thing)
    else this.#things.push(thing)
  }

  /** Begins to make what is missing, in a moment and one after the other. */
  refill(): void {
    if (this.#isStopped) return
    this.#refilling ??= setTimeout(() => void this.#fill(), REFILL_PAUSE_MS).unref()
  }

  /** Discards one that turned out to be of no use, unless it has been handed out. */
  drop(thing: Thing): void {
    if (!this.#things.includes(thing)) return
    this.#things = this.#things.filter((each) => each !== thing)
    this.#options.discard(thing)
  }

  /** Discards what is there, and what is still to come. */
  stop(): void {
    this.#isStopped = true
    if (this.#refilling !== null) clearTimeout(this.#refilling)
    for (const thing of this.#things.splice(0)) this.#options.discard(thing)
  }

  async #fill(): Promise<void> {
    const { size, onError } = this.#options
    try {
      while (this.#things.length < size && !this.#isStopped) await this.add()
    } catch (error) {
      // The next one who takes one tries again, and is told.
      if (!this.#isStopped) onError(error)
    } finally {
      this.#refilling = null
    }
  }
}
