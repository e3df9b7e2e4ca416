import type { Clock } from '../model/clock.ts'
import type { EnvironmentSpec, ProvisionedCount, ProvisionedDemand, UnreservedLog } from './contract.ts'
import { IdleEnvironments } from './idleEnvironments.ts'

/** After a start that failed the next is tried so much later: the code is the same, what it needs may be there then. */
export const RETRY_MS = 60_000

/** What is wanted of a version, and what there is of it. */
interface Kept<Member> {
  demand: ProvisionedDemand
  /** Idle or busy. */
  readonly members: Set<Member>
  hasFailed: boolean
  /** Nothing is started before. */
  retryAtMs: number
}

/** What is not wanted any more. */
interface Surplus<Member> {
  readonly idle: readonly Member[]
  readonly busy: readonly Member[]
}

const UNTRIED = { hasFailed: false, retryAtMs: 0 }

/**
 * The environments that are kept started ahead, by the key of their version: which the pool has, which of them are idle,
 * and which are missing. It starts and ends nothing itself, but calls `onDue` when a start may be tried again.
 */
export class ProvisionedEnvironments<Member> {
  readonly #clock: Clock
  readonly #onDue: () => void
  readonly #kept = new Map<string, Kept<Member>>()
  readonly #idle = new IdleEnvironments<Member>()
  #alarm: Disposable | null = null
  #onInitLog: UnreservedLog = () => undefined
  #onChange: () => void = () => undefined

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** See `EnvironmentPool.keepProvisioned`. Returns those that are not wanted any more, and forgets them. */
  keep(demands: readonly ProvisionedDemand[], onInitLog: UnreservedLog, onChange: () => void): Surplus<Member> {
    this.#onInitLog = onInitLog
    this.#onChange = onChange
    return this.#replace(demands)
  }

  /** Forgets what is wanted of a function's versions but those with the given keys, and returns what was kept of it. */
  retire(functionId: string, keepKeys: ReadonlySet<string>): Surplus<Member> {
    const isKept = ({ spec }: ProvisionedDemand) => spec.functionId !== functionId || keepKeys.has(spec.key)
    return this.#replace([...this.#kept.values()].map(({ demand }) => demand).filter(isKept))
  }

  /** What is wanted. */
  specs(): EnvironmentSpec[] {
    return [...this.#kept.values()].map(({ demand }) => demand.spec)
  }

  /** What is missing and may be started now, besides the environments that are being started for it. */
  missing(startsOf: (key: string) => number): { readonly spec: EnvironmentSpec; readonly count: number }[] {
    const nowMs = this.#clock.now()
    return [...this.#kept.values()]
      .filter(({ retryAtMs }) => retryAtMs <= nowMs)
      .map(({ demand: { spec, count }, members }) => ({ spec, count: count - members.size - startsOf(spec.key) }))
      .filter(({ count }) => count > 0)
  }

  /** Where lines of a start go. */
  initLog(...line: Parameters<UnreservedLog>): ReturnType<UnreservedLog> {
    return this.#onInitLog(...line)
  }

  /** Keeps one that was started for it; false where it is not wanted any more. */
  add(key: string, member: Member): boolean {
    const kept = this.#kept.get(key)
    if (kept === undefined || kept.members.size >= kept.demand.count) return false
    kept.members.add(member)
    kept.hasFailed = false
    this.#onChange()
    return true
  }

  /** It is idle from now on, and ready for the next event of its version. */
  rest(key: string, member: Member): void {
    this.#idle.add(key, member)
  }

  /** Takes one of those that are idle; null where there is none. It is kept all the same. */
  takeIdle(key: string): Member | null {
    return this.#idle.takeLatest(key)
  }

  /** Forgets one, for example because it ended. */
  remove(key: string, member: Member): void {
    this.#idle.remove(key, member)
    if (this.#kept.get(key)?.members.delete(member)) this.#onChange()
  }

  /** A start of it failed; `isFault` where that was the function's fault. The next is tried after a while. */
  fail(key: string, isFault: boolean): void {
    const kept = this.#kept.get(key)
    if (kept === undefined) return
    kept.hasFailed ||= isFault
    kept.retryAtMs = this.#clock.now() + RETRY_MS
    this.#alarm?.[Symbol.dispose]()
    // Whatever became due before it waits for nothing but this or the next change.
    this.#alarm = this.#clock.schedule(kept.retryAtMs, this.#onDue)
    this.#onChange()
  }

  /** What there is, by key. */
  counts(): ReadonlyMap<string, ProvisionedCount> {
    return new Map(
      [...this.#kept].map(([key, { members, hasFailed }]) => [key, { available: members.size, hasFailed }]),
    )
  }

  /** How many are idle. */
  get idleCount(): number {
    return this.#idle.all().length
  }

  /** Nothing is wanted any more. */
  stop(): void {
    this.#onChange = () => undefined
    this.#alarm?.[Symbol.dispose]()
    this.#kept.clear()
  }

  /** Takes over what is wanted from now on; idle ones are the first that are too many. */
  #replace(demands: readonly ProvisionedDemand[]): Surplus<Member> {
    const surplus: { idle: Member[]; busy: Member[] } = { idle: [], busy: [] }
    const idle = new Set(this.#idle.all())
    const wanted = new Map(demands.map((demand) => [demand.spec.key, demand]))
    for (const [key, kept] of this.#kept) {
      const demand = wanted.get(key)
      const excess = Math.max(0, kept.members.size - (demand?.count ?? 0))
      const idleFirst = [...kept.members].sort((a, b) => Number(idle.has(b)) - Number(idle.has(a)))
      for (const member of idleFirst.slice(0, excess)) {
        surplus[idle.has(member) ? 'idle' : 'busy'].push(member)
        this.#idle.remove(key, member)
        kept.members.delete(member)
      }
      if (demand === undefined) this.#kept.delete(key)
      else if (demand.generation !== kept.demand.generation) Object.assign(kept, UNTRIED)
    }
    for (const [key, demand] of wanted) {
      const kept = this.#kept.get(key)
      if (kept === undefined) this.#kept.set(key, { demand, members: new Set(), ...UNTRIED })
      else kept.demand = demand
    }
    return surplus
  }
}
