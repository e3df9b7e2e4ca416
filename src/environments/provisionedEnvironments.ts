import type { EnvironmentSpec, ProvisionedCount, ProvisionedDemand } from './contract.ts'
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

const NEW = { hasFailed: false, retryAtMs: 0 }

/**
 * The environments that are kept started ahead, by the key of their version: which the pool has, which of them are idle,
 * and which are missing. It starts and ends nothing itself.
 */
export class ProvisionedEnvironments<Member> {
  readonly #kept = new Map<string, Kept<Member>>()
  readonly #idle = new IdleEnvironments<Member>()

  /**
   * Takes over what is wanted from now on. Returns those that are not wanted any more, idle ones first, and forgets
   * them. A demand of another generation is tried anew where the one before it failed.
   */
  replace(demands: readonly ProvisionedDemand[]): Surplus<Member> {
    const surplus: { idle: Member[]; busy: Member[] } = { idle: [], busy: [] }
    const idle = new Set(this.#idle.all())
    const wanted = new Map(demands.map((demand) => [demand.spec.key, demand]))
    for (const [key, kept] of this.#kept) {
      const demand = wanted.get(key)
      const excess = Math.max(0, kept.members.size - (demand?.count ?? 0))
      const idleFirst = [...kept.members].sort((a, b) => Number(idle.has(b)) - Number(idle.has(a)))
      for (const member of idleFirst.slice(0, excess)) {
        surplus[idle.has(member) ? 'idle' : 'busy'].push(member)
        this.remove(key, member)
      }
      if (demand === undefined) this.#kept.delete(key)
      else if (demand.generation !== kept.demand.generation) Object.assign(kept, NEW)
    }
    for (const [key, demand] of wanted) {
      const kept = this.#kept.get(key)
      if (kept === undefined) this.#kept.set(key, { demand, members: new Set(), ...NEW })
      else kept.demand = demand
    }
    return surplus
  }

  /** Forgets what is wanted of a function's versions but those with the given keys, and returns what was kept of it. */
  retire(functionId: string, keepKeys: ReadonlySet<string>): Surplus<Member> {
    const isKept = ({ spec }: ProvisionedDemand) => spec.functionId !== functionId || keepKeys.has(spec.key)
    return this.replace([...this.#kept.values()].map(({ demand }) => demand).filter(isKept))
  }

  /** What is missing and may be started now, besides the environments that are being started for it. */
  missing(startsOf: (key: string) => number, nowMs: number): { spec: EnvironmentSpec; count: number }[] {
    return [...this.#kept.values()]
      .filter(({ retryAtMs }) => retryAtMs <= nowMs)
      .map(({ demand: { spec, count }, members }) => ({ spec, count: count - members.size - startsOf(spec.key) }))
      .filter(({ count }) => count > 0)
  }

  /** Keeps one that was started for it; false where it is not wanted any more. */
  add(key: string, member: Member): boolean {
    const kept = this.#kept.get(key)
    if (kept === undefined || kept.members.size >= kept.demand.count) return false
    kept.members.add(member)
    kept.hasFailed = false
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
    this.#kept.get(key)?.members.delete(member)
  }

  /** A start of it failed. Returns when the next may be tried, or null where none is wanted any more. */
  fail(key: string, nowMs: number, isFault: boolean): number | null {
    const kept = this.#kept.get(key)
    if (kept === undefined) return null
    kept.hasFailed ||= isFault
    kept.retryAtMs = nowMs + RETRY_MS
    return kept.retryAtMs
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
}
