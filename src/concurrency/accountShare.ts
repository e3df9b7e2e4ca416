import { ThrottleFault } from '../errors.ts'
import { type ConcurrencyLimits, poolCapacity, poolOf, UNRESERVED_POOL } from '../model/concurrencyRules.ts'
import type { OwnSlice } from '../model/concurrencySlices.ts'
import type { Exchanged, SliceHolder } from './exchange.ts'

/** One exchange of this account's slices; `isAnnounced` tells the other nodes to do the same. */
export type ExchangeSlices = (holder: SliceHolder, isAnnounced: boolean) => Promise<Exchanged>

/** How long a refused caller is asked to wait. */
const RETRY_AFTER_MS = 1_000
/** So long other nodes have to give something back before a caller is refused. */
const OTHERS_ANSWER_MS = 100
/** So long nobody is asked again when no node had anything left. */
const EXHAUSTED_MS = 200

/** What one pool of an account looks like from here. */
interface PoolState {
  granted: number
  waiting: number
  /** By `performance.now()`. */
  exhaustedUntilMs: number
}

/**
 * What this node may run for one account in one region, and what it does run. Between a check and its count nothing is
 * awaited, so that the limits are exact however many callers come at once.
 */
export class AccountShare implements SliceHolder {
  #limits: ConcurrencyLimits | null = null
  /** Executions by function. */
  readonly #counts = new Map<string, number>()
  /** The same by pool, under the present limits. */
  #used = new Map<string, number>()
  readonly #pools = new Map<string, PoolState>()
  readonly #exchange: ExchangeSlices
  #running: Promise<Exchanged> | null = null
  #next: Promise<Exchanged> | null = null
  #isNextAnnounced = false
  readonly #waiters: (() => void)[] = []
  /** Moves on when the slices are lost; an exchange that began before is then void. */
  #life = 0
  #lifeOfExchange = 0

  constructor(exchange: ExchangeSlices) {
    this.#exchange = exchange
  }

  /** Counts one more execution of the function, or throws the ThrottleFault of the limit that is reached. */
  async acquire(functionId: string): Promise<void> {
    if (this.#limits === null) await this.refresh(false)
    for (;;) {
      const limits = this.#limits!
      const pool = poolOf(limits, functionId)
      const state = this.#stateOf(pool)
      if (this.#usedOf(pool) < state.granted) {
        this.#count(functionId, 1)
        return
      }
      if (!(await this.#findMore(limits, pool, state))) throw throttle(limits, pool)
    }
  }

  /** Counts one execution less. */
  release(functionId: string): void {
    const pool = this.#count(functionId, -1)
    // It ran on after its pool had become smaller: what it leaves is somebody else's.
    if (this.#usedOf(pool) >= this.#stateOf(pool).granted) this.#refreshSoon()
  }

  /** How many executions run here. */
  inUse(): number {
    let sum = 0
    for (const count of this.#counts.values()) sum += count
    return sum
  }

  /**
   * Exchanges slices with the other nodes by the present limits. One exchange goes on at a time; who comes meanwhile
   * shares the next one, for the present one may have read the limits already.
   */
  refresh(isAnnounced: boolean): Promise<Exchanged> {
    if (this.#running === null) return this.#begin(isAnnounced)
    this.#isNextAnnounced ||= isAnnounced
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null
        const mustAnnounce = this.#isNextAnnounced
        this.#isNextAnnounced = false
        return this.#begin(mustAnnounce)
      })
    return this.#next
  }

  /** Another node has given something back or wants something, or the limits have changed. */
  wake(): void {
    this.refresh(false).then(
      () => this.#resumeWaiters(),
      () => this.#resumeWaiters(),
    )
  }

  /** The slices are lost: nothing is granted before the next exchange. */
  lose(): void {
    this.#life += 1
    for (const state of this.#pools.values()) state.granted = 0
  }

  parts(limits: ConcurrencyLimits): ReadonlyMap<string, OwnSlice> {
    this.#lifeOfExchange = this.#life
    this.#limits = limits
    this.#used = new Map()
    for (const [functionId, count] of this.#counts) {
      const pool = poolOf(limits, functionId)
      this.#stateOf(pool)
      this.#used.set(pool, this.#usedOf(pool) + count)
    }
    const parts = new Map<string, OwnSlice>()
    for (const [pool, { granted, waiting }] of this.#pools) {
      parts.set(pool, { held: granted, used: this.#usedOf(pool), wanted: waiting })
    }
    return parts
  }

  shrink(slices: ReadonlyMap<string, number>): void {
    for (const [pool, slice] of slices) {
      const state = this.#stateOf(pool)
      state.granted = Math.min(state.granted, slice)
    }
  }

  settle(slices: ReadonlyMap<string, number>): void {
    if (this.#lifeOfExchange !== this.#life) return
    for (const [pool, slice] of slices) this.#stateOf(pool).granted = slice
    for (const [pool, { granted, waiting }] of this.#pools) {
      if (granted === 0 && waiting === 0 && this.#usedOf(pool) === 0) this.#pools.delete(pool)
    }
  }

  #begin(isAnnounced: boolean): Promise<Exchanged> {
    this.#running = this.#exchange(this, isAnnounced).finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** Whether it is worth another look: the pool has more now, here or taken from other nodes, or is another one. */
  async #findMore(limits: ConcurrencyLimits, pool: string, state: PoolState): Promise<boolean> {
    const isAllHere = state.granted >= poolCapacity(limits, pool)
    if (isAllHere || performance.now() < state.exhaustedUntilMs) return false
    state.waiting += 1
    // A pool that nothing was held of may have been forgotten meanwhile.
    this.#pools.set(pool, state)
    try {
      const { sharedPools } = await this.refresh(false)
      const untilMs = performance.now() + OTHERS_ANSWER_MS
      while (sharedPools.has(pool) && !this.#hasRoom(pool) && performance.now() < untilMs) {
        await this.#nextWake(untilMs - performance.now())
      }
    } finally {
      state.waiting -= 1
      // Or the others would go on giving back for nobody.
      if (state.waiting === 0 && !this.#hasRoom(pool)) this.#refreshSoon()
    }
    if (this.#hasRoom(pool) || this.#wasMoved(limits, pool)) return true
    state.exhaustedUntilMs = performance.now() + EXHAUSTED_MS
    return false
  }

  /** Whether the limits that hold now have no such pool any more: its functions belong to another one. */
  #wasMoved(before: ConcurrencyLimits, pool: string): boolean {
    return before.reserved.has(pool) && !this.#limits!.reserved.has(pool)
  }

  #hasRoom(pool: string): boolean {
    return this.#usedOf(pool) < this.#stateOf(pool).granted
  }

  #nextWake(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs)
      this.#waiters.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #resumeWaiters(): void {
    for (const resume of this.#waiters.splice(0)) resume()
  }

  /** What fails here is tried again by the next caller who needs it. */
  #refreshSoon(): void {
    this.refresh(false).catch(() => undefined)
  }

  /** Counts executions of a function in or out, and returns the pool they are counted in. */
  #count(functionId: string, change: 1 | -1): string {
    const pool = poolOf(this.#limits!, functionId)
    add(this.#counts, functionId, change)
    add(this.#used, pool, change)
    return pool
  }

  #usedOf(pool: string): number {
    return this.#used.get(pool) ?? 0
  }

  #stateOf(pool: string): PoolState {
    const known = this.#pools.get(pool)
    if (known !== undefined) return known
    const state = { granted: 0, waiting: 0, exhaustedUntilMs: 0 }
    this.#pools.set(pool, state)
    return state
  }
}

function throttle(limits: ConcurrencyLimits, pool: string): ThrottleFault {
  const reason =
    pool === UNRESERVED_POOL
      ? 'CONCURRENT_INVOCATION_LIMIT_EXCEEDED'
      : 'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED'
  return new ThrottleFault(reason, poolCapacity(limits, pool), RETRY_AFTER_MS)
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
