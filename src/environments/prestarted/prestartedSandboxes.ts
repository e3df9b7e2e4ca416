import type { Clock } from '../../model/clock.ts'
import type { CodeSlot, CodeStore, SandboxShape } from '../contract.ts'
import type { StartedSandbox, StartSandbox } from '../startSandbox.ts'
import {
  type ColdStartDemand,
  FORGOTTEN_AFTER_MS,
  HALF_LIFE_MS,
  NO_DEMAND,
  type PrestartSetting,
  prestartTarget,
  withColdStart,
} from './coldStartDemand.ts'

export interface PrestartedSandboxesOptions {
  readonly clock: Clock
  readonly setting: PrestartSetting
  readonly startSandbox: StartSandbox
  readonly makeSlot: CodeStore['makeSlot']
  /** Told why one could not be started. */
  readonly reportFault: (error: unknown) => void
  /** Called when another one may be started: to call `replenish`, when nobody waits for a processor. */
  readonly onReplenishable: () => void
}

/** A sandbox that was taken for an environment. */
export interface PrestartedSandbox {
  /**
   * Lays a version's code into it. Null where it does not fit: the sandbox is then for somebody else. Rejects with a
   * PlatformFault, having ended it, where the code is lost.
   */
  assign(codeSha256: string): Promise<StartedSandbox | null>
}

/** One that waits. */
interface Spare {
  readonly started: StartedSandbox
  readonly slot: CodeSlot
  freezeTimer: NodeJS.Timeout | undefined
}

/** What is known of a shape that is in use. */
interface Kind {
  readonly shape: SandboxShape
  demand: ColdStartDemand
  wantedAtMs: number
  /** After a failure it is not tried again at once. */
  blockedUntilMs: number
  /** The longest started first. */
  readonly spares: Spare[]
}

/** An environment that was just started has its first event: it needs the processor more. */
const PAUSE_MS = 50
const BLOCKED_MS = 60_000
/** Until then its runtime has started. Stopping it before would do no harm. */
const FREEZE_AFTER_MS = 2_000
const MOST_KINDS = 8

/**
 * Sandboxes whose runtimes have been started before it is known whose code they will run: a cold start then only loads
 * the code. How many there are of each shape follows from the cold starts of late. Nothing of a function is in them until
 * they are assigned, each once; they are as isolated as all others, being started in the same way.
 */
export class PrestartedSandboxes {
  readonly #options: PrestartedSandboxesOptions
  readonly #kinds = new Map<string, Kind>()
  #starting: { readonly kind: Kind; readonly isDone: Promise<void> } | null = null
  #memoryMiB = 0
  #allowedMiB = 0
  #notBeforeMs = Number.NEGATIVE_INFINITY
  #pause: Disposable | null = null
  #look: Disposable | null = null
  #isStopped = false
  readonly #leaving = new Set<Promise<unknown>>()

  constructor(options: PrestartedSandboxesOptions) {
    this.#options = options
  }

  /** What those that wait, or are being started, are granted in all. */
  get memoryMiB(): number {
    return this.#memoryMiB
  }

  get count(): number {
    return [...this.#kinds.values()].reduce((sum, { spares }) => sum + spares.length, 0)
  }

  /** Says that a shape is in use, and may be needed. */
  expect(shape: SandboxShape): void {
    if (this.#isOff || !isSettled(shape)) return
    this.#kindOf(shape)
    this.#options.onReplenishable()
  }

  /** For an environment that is about to be started: one of its shape, or null where there is none. */
  take(shape: SandboxShape): PrestartedSandbox | null {
    if (this.#isOff || !isSettled(shape)) return null
    const now = this.#options.clock.now()
    const kind = this.#kindOf(shape)
    kind.demand = withColdStart(kind.demand, now)
    this.#replenishLater(now)
    const spare = kind.spares.shift()
    if (spare === undefined) return null
    this.#memoryMiB -= shape.memoryMiB
    clearTimeout(spare.freezeTimer)
    spare.started.sandbox.thaw()
    return { assign: (codeSha256) => this.#assign(kind, spare, codeSha256) }
  }

  /** Keeps to so much memory from now on: what is more ends. */
  limit(allowedMiB: number): void {
    this.#allowedMiB = allowedMiB
    while (this.#memoryMiB > allowedMiB) {
      const [kind] = [...this.#kinds.values()]
        .filter(({ spares }) => spares.length > 0)
        .sort((a, b) => b.spares.length - a.spares.length || a.wantedAtMs - b.wantedAtMs)
      if (kind === undefined) return
      this.#endSpare(kind)
    }
  }

  /** Starts one that is missing, if any. Call when nobody waits for a start; `onReplenishable` says when to call again. */
  replenish(): void {
    const now = this.#options.clock.now()
    if (this.#isOff || this.#starting !== null || now < this.#notBeforeMs) return
    const kind = [...this.#kinds.values()].find((each) => this.#isMissing(each, now))
    if (kind === undefined) return
    this.#memoryMiB += kind.shape.memoryMiB
    const isDone = this.#start(kind).finally(() => {
      this.#starting = null
      if (!this.#isStopped) this.#options.onReplenishable()
    })
    this.#starting = { kind, isDone }
  }

  /** Ends all. Resolves when nothing of them is left. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#pause?.[Symbol.dispose]()
    this.#look?.[Symbol.dispose]()
    for (const kind of this.#kinds.values()) while (kind.spares.length > 0) this.#endSpare(kind)
    await this.#starting?.isDone
    await Promise.all(this.#leaving)
  }

  get #isOff(): boolean {
    return this.#isStopped || this.#options.setting === 0
  }

  #kindOf(shape: SandboxShape): Kind {
    const key = keyOf(shape)
    const nowMs = this.#options.clock.now()
    let kind = this.#kinds.get(key)
    if (kind === undefined) {
      kind = { shape, demand: NO_DEMAND, wantedAtMs: nowMs, blockedUntilMs: Number.NEGATIVE_INFINITY, spares: [] }
      this.#kinds.set(key, kind)
      this.#forget(nowMs)
      this.#lookLater(nowMs)
    }
    kind.wantedAtMs = nowMs
    return kind
  }

  #isMissing({ shape, demand, spares, blockedUntilMs }: Kind, nowMs: number): boolean {
    return (
      nowMs >= blockedUntilMs &&
      spares.length < prestartTarget(demand, this.#options.setting, nowMs) &&
      this.#memoryMiB + shape.memoryMiB <= this.#allowedMiB
    )
  }

  async #start(kind: Kind): Promise<void> {
    const { startSandbox, makeSlot, clock, reportFault } = this.#options
    let slot: CodeSlot | null = null
    try {
      slot = await makeSlot()
      const started = await startSandbox(kind.shape, slot.folder)
      this.#adopt(kind, started, slot)
    } catch (error) {
      this.#memoryMiB -= kind.shape.memoryMiB
      kind.blockedUntilMs = clock.now() + BLOCKED_MS
      await slot?.remove().catch(() => undefined)
      reportFault(error)
    }
  }

  #adopt(kind: Kind, started: StartedSandbox, slot: CodeSlot): void {
    const { sandbox } = started
    const isGone = sandbox.ended.then(() => slot.remove().catch(this.#options.reportFault))
    this.#leaving.add(isGone)
    void isGone.then(() => this.#leaving.delete(isGone))
    const spare: Spare = { started, slot, freezeTimer: undefined }
    spare.freezeTimer = setTimeout(() => sandbox.freeze(), FREEZE_AFTER_MS).unref()
    void sandbox.ended.then(() => {
      const index = kind.spares.indexOf(spare)
      if (index < 0) return
      // It ended by itself, and the next one might do so too.
      kind.spares.splice(index, 1)
      this.#leave(kind, spare)
      kind.blockedUntilMs = this.#options.clock.now() + BLOCKED_MS
    })
    kind.spares.push(spare)
    if (this.#isStopped || !this.#kinds.has(keyOf(kind.shape))) this.#endSpare(kind)
    else this.limit(this.#allowedMiB)
  }

  async #assign(kind: Kind, spare: Spare, codeSha256: string): Promise<StartedSandbox | null> {
    try {
      if (await spare.slot.fill(codeSha256)) return spare.started
    } catch (error) {
      spare.started.sandbox.kill()
      throw error
    }
    this.#memoryMiB += kind.shape.memoryMiB
    kind.spares.unshift(spare)
    if (this.#isStopped) this.#endSpare(kind)
    else this.limit(this.#allowedMiB)
    return null
  }

  #endSpare(kind: Kind): void {
    const spare = kind.spares.pop()
    if (spare === undefined) return
    this.#leave(kind, spare)
    spare.started.sandbox.kill()
  }

  #leave({ shape }: Kind, { freezeTimer }: Spare): void {
    clearTimeout(freezeTimer)
    this.#memoryMiB -= shape.memoryMiB
  }

  #replenishLater(nowMs: number): void {
    this.#notBeforeMs = nowMs + PAUSE_MS
    this.#pause?.[Symbol.dispose]()
    this.#pause = this.#options.clock.schedule(this.#notBeforeMs, this.#options.onReplenishable)
  }

  /** As time goes by fewer are wanted, and what failed may be tried again. */
  #lookLater(nowMs: number): void {
    this.#look ??= this.#options.clock.schedule(nowMs + HALF_LIFE_MS, () => {
      this.#look = null
      const now = this.#options.clock.now()
      this.#forget(now)
      for (const kind of this.#kinds.values()) {
        while (kind.spares.length > prestartTarget(kind.demand, this.#options.setting, now)) this.#endSpare(kind)
      }
      if (this.#kinds.size > 0) this.#lookLater(now)
      this.#options.onReplenishable()
    })
  }

  /** Keeps the shapes that were wanted last. */
  #forget(nowMs: number): void {
    const byAge = [...this.#kinds].sort(([, a], [, b]) => b.wantedAtMs - a.wantedAtMs)
    for (const [index, [key, kind]] of byAge.entries()) {
      if (index < MOST_KINDS && nowMs - kind.wantedAtMs < FORGOTTEN_AFTER_MS) continue
      this.#kinds.delete(key)
      while (kind.spares.length > 0) this.#endSpare(kind)
    }
  }
}

/** Whether its runtime can be started before it is known whose variables it will have. */
function isSettled({ execWrapper }: SandboxShape): boolean {
  return execWrapper === null
}

function keyOf({ runtime, memoryMiB, ephemeralStorageMiB, networkAccess, layerSha256s }: SandboxShape): string {
  return [runtime, memoryMiB, ephemeralStorageMiB, networkAccess, ...layerSha256s].join(' ')
}
