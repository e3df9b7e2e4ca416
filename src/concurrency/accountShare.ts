import { ThrottleFault } from '../errors.ts'
import { type ConcurrencyLimits, poolCapacity, poolsOf, UNRESERVED_POOL } from '../model/concurrencyRules.ts'
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

/** How a search for room ended: with it, with other limits than it began with, or with none. */
type Outcome = 'COUNTED' | 'AGAIN' | 'NONE'

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
  /** Those of a function that are counted in the first of its pools; the rest is counted in the shared one. */
  readonly #first = new Map<string, number>()
  /** Executions by pool. */
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
      const outcome = await this.#tryPools(limits, functionId)
      if (outcome === 'COUNTED') return
      if (outcome === 'NONE') throw throttle(limits, poolsOf(limits, functionId).at(-1)!)
    }
  }

  /** Counts one execution less. */
  release(functionId: string): void {
    const pool = this.#countOut(functionId)
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

  parts(limits: ConcurrencyLimits, heldByOthers: (pool: string) => number): ReadonlyMap<string, OwnSlice> {
    this.#lifeOfExchange = this.#life
    this.#limits = limits
    this.#assign(limits, heldByOthers)
    const displaced = this.#displaced(limits)
    const parts = new Map<string, OwnSlice>()
    for (const [pool, { granted, waiting }] of this.#pools) {
      const wanted = waiting + (displaced.get(pool) ?? 0)
      parts.set(pool, { held: granted, used: this.#usedOf(pool), wanted })
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

  /** Looks for room in the function's pools, one after the other; `AGAIN` where something has changed on the way. */
  async #tryPools(limits: ConcurrencyLimits, functionId: string): Promise<Outcome> {
    for (const pool of poolsOf(limits, functionId)) {
      if (this.#hasRoom(pool)) {
        this.#countIn(pool, functionId)
        return 'COUNTED'
      }
      const outcome = await this.#findMore(limits, pool, functionId)
      if (outcome !== 'NONE') return outcome
    }
    return 'NONE'
  }

  /**
   * Counts all executions anew by the present limits: as many as other nodes leave of it are within what their function is
   * guaranteed, the others share the rest. Which of them, nobody can tell apart; none is more or less than before.
   */
  #assign(limits: ConcurrencyLimits, heldByOthers: (pool: string) => number): void {
    this.#used = new Map()
    this.#first.clear()
    for (const [functionId, count] of this.#counts) {
      const [first, second] = poolsOf(limits, functionId)
      this.#stateOf(first)
      const left = Math.max(0, poolCapacity(limits, first) - heldByOthers(first))
      const inFirst = second === undefined ? count : Math.min(count, left)
      this.#first.set(functionId, inFirst)
      add(this.#used, first, inFirst)
      if (second === undefined || inFirst === count) continue
      this.#stateOf(second)
      add(this.#used, second, count - inFirst)
    }
  }

  /** Executions that are counted in the shared pool while their function's own may have room on another node. */
  #displaced(limits: ConcurrencyLimits): ReadonlyMap<string, number> {
    const displaced = new Map<string, number>()
    for (const [functionId, count] of this.#counts) {
      const [first, second] = poolsOf(limits, functionId)
      if (second !== undefined) displaced.set(first, count - (this.#first.get(functionId) ?? 0))
    }
    return displaced
  }

  #begin(isAnnounced: boolean): Promise<Exchanged> {
    this.#running = this.#exchange(this, isAnnounced).finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /**
   * Takes room for an execution from other nodes, and counts it there and then: a slice that waits for nobody would be
   * given away again with the next exchange. `AGAIN` where the function's pools are others meanwhile.
   */
  async #findMore(limits: ConcurrencyLimits, pool: string, functionId: string): Promise<Outcome> {
    const state = this.#stateOf(pool)
    const isAllHere = state.granted >= poolCapacity(limits, pool)
    if (isAllHere || performance.now() < state.exhaustedUntilMs) return 'NONE'
    state.waiting += 1
    // A pool that nothing was held of may have been forgotten meanwhile.
    this.#pools.set(pool, state)
    try {
      const { sharedPools } = await this.refresh(false)
      const untilMs = performance.now() + OTHERS_ANSWER_MS
      while (sharedPools.has(pool) && !this.#hasRoom(pool) && performance.now() < untilMs) {
        await this.#nextWake(untilMs - performance.now())
      }
      if (this.#wasMoved(limits, functionId)) return 'AGAIN'
      if (this.#hasRoom(pool)) {
        this.#countIn(pool, functionId)
        return 'COUNTED'
      }
    } finally {
      state.waiting -= 1
      // Or the others would go on giving back for nobody.
      if (state.waiting === 0 && !this.#hasRoom(pool)) this.#refreshSoon()
    }
    state.exhaustedUntilMs = performance.now() + EXHAUSTED_MS
    return 'NONE'
  }

  /** Whether the function's pools are others by the limits that hold now. */
  #wasMoved(before: ConcurrencyLimits, functionId: string): boolean {
    return String(poolsOf(before, functionId)) !== String(poolsOf(this.#limits!, functionId))
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

  /** Counts one more execution of a function in one of its pools. */
  #countIn(pool: string, functionId: string): void {
    add(this.#counts, functionId, 1)
    add(this.#used, pool, 1)
    if (pool === poolsOf(this.#limits!, functionId)[0]) add(this.#first, functionId, 1)
  }

  /** Counts one execution less, the shared ones first, and returns the pool it was counted in. */
  #countOut(functionId: string): string {
    const [first, second] = poolsOf(this.#limits!, functionId)
    const inFirst = this.#first.get(functionId) ?? 0
    const isShared = second !== undefined && (this.#counts.get(functionId) ?? 0) > inFirst
    const pool = isShared ? second : first
    if (!isShared) add(this.#first, functionId, -1)
    add(this.#counts, functionId, -1)
    add(this.#used, pool, -1)
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
