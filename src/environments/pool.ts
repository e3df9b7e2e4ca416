import { PlatformFault, ThrottleFault } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import type {
  EnvironmentPool,
  EnvironmentSpec,
  InitializationType,
  LogLine,
  ReservedEnvironment,
  ReserveOptions,
} from './contract.ts'
import type { ExecutionEnvironment } from './executionEnvironment.ts'
import { IdleEnvironments } from './idleEnvironments.ts'
import { Patience } from './patience.ts'
import type { PrestartedSandbox, PrestartedSandboxes } from './prestarted/prestartedSandboxes.ts'
import type { ProcessorLoad } from './processorLoad.ts'
import { ProvisionedEnvironments } from './provisionedEnvironments.ts'
import { reservation } from './reservation.ts'
import type { ScaleOut } from './scaleOut.ts'
import { StartSlots } from './startSlots.ts'
import { type Start, Starts } from './starts.ts'
import { type Waiter, Waiters } from './waiters.ts'

/** Takes the lines of an environment's start. */
type InitLog = (line: LogLine, logStreamName: string) => undefined | Promise<void>

export interface EnvironmentPoolOptions {
  readonly clock: Clock
  /** Starts an environment and loads its code. Rejects with a PlatformFault; a failed load is no rejection. */
  readonly start: (
    spec: EnvironmentSpec,
    initializationType: InitializationType,
    onInitLog: InitLog,
    prestarted: PrestartedSandbox | null,
  ) => Promise<ExecutionEnvironment>
  /** Sandboxes that are started ahead in the memory that is left; calls back when another one may be started. */
  readonly createPrestarted: (onReplenishable: () => void) => PrestartedSandboxes
  readonly memoryBudgetMiB: number
  readonly keepAliveMs: number
  /** Bounds how fast a function may grow. */
  readonly scaleOut: ScaleOut
  /** Told why an environment that nobody waits for could not be started. */
  readonly reportFault: (error: unknown) => void
  /** How many environments start at the same time: more would only make each other slow. */
  readonly parallelStarts: number
  readonly load: ProcessorLoad
}

/** One environment and what the pool knows of it. */
interface Member {
  readonly environment: ExecutionEnvironment
  /** Started ahead, and kept as long as it is wanted. */
  readonly isProvisioned: boolean
  hasServed: boolean
  isRetired: boolean
  expiry: Disposable | null
}

interface Waiting extends Waiter<Member> {
  readonly onInitLog: InitLog
}

const RETRY_AFTER_MS = 1_000
/** Of all memory, that sandboxes may have which are started ahead for nobody yet. */
const PRESTARTED_SHARE = 0.25

/**
 * The environments of this node. Who needs one and none is warm waits; for each who waits one is started, and whichever
 * comes first, a start that is ready or an environment that is given back, goes to who waits longest. What a start was
 * made for may therefore be served by another one, and the start is then kept warm.
 */
export function createEnvironmentPool(options: EnvironmentPoolOptions): EnvironmentPool {
  const { clock, memoryBudgetMiB, keepAliveMs, parallelStarts } = options
  const members = new Set<Member>()
  const idle = new IdleEnvironments<Member>()
  const provisioned = new ProvisionedEnvironments<Member>(clock, startForWaiters)
  const slots = new StartSlots(parallelStarts, startForWaiters)
  const prestarted = options.createPrestarted(startForWaiters)
  const starts = new Starts()
  /** The ends of all that is there: longer than they are members, where extensions take their time. */
  const present = new Set<Promise<unknown>>()
  const waiters = new Waiters<Member, Waiting>()
  const patience = new Patience(options.load, Math.max(1, Math.floor(parallelStarts / 4)), startForWaiters)
  let grantedMiB = 0
  let isStopping = false
  let isMatching = false

  function reserve(
    spec: EnvironmentSpec,
    onInitLog: InitLog,
    { waitMs, isColdStartForced = false, isPatient = false }: ReserveOptions,
  ): Promise<ReservedEnvironment> {
    if (isStopping) return Promise.reject(new PlatformFault('the service is stopping and starts nothing more'))
    const warm = isColdStartForced ? null : (provisioned.takeIdle(spec.key) ?? takeIdle(spec.key))
    if (warm !== null) return Promise.resolve(handOut(warm))
    return new Promise<Member>((resolve, reject) => {
      const timer = setTimeout(() => giveUp(waiter), waitMs)
      const patientSinceMs = isPatient ? performance.now() : null
      const waiter: Waiting = { spec, onInitLog, isColdStartForced, patientSinceMs, resolve, reject, timer }
      waiters.add(waiter)
      startForWaiters()
    }).then(handOut)
  }

  function giveUp(waiter: Waiting): void {
    const before = waiters.countBefore(waiter)
    if (before === null) return
    const { patientSinceMs, spec } = waiter
    // A start that is under way for it is waited for, for as long as it takes; and its turn to start, where there is room.
    if (before < starts.count(spec.key) || ((slots.areTaken || patientSinceMs !== null) && fits(spec.memoryMiB))) {
      waiter.timer = setTimeout(() => giveUp(waiter), RETRY_AFTER_MS)
      return
    }
    const limit = Math.floor(memoryBudgetMiB / spec.memoryMiB)
    refuse(waiter, new ThrottleFault('ENVIRONMENT_CAPACITY_EXCEEDED', limit, RETRY_AFTER_MS))
    startForWaiters()
  }

  function refuse(waiter: Waiting, fault: ThrottleFault | PlatformFault): void {
    waiters.remove(waiter)
    waiter.reject(fault)
  }

  /** Starts what is missing, in the order of waiting: who needs much memory is not overtaken by who needs little. */
  function startForWaiters(): void {
    // Making room ends environments, which calls this again: the outermost call sees to everything.
    if (isMatching || isStopping) return
    isMatching = true
    try {
      const wanted = new Map<string, number>()
      const heldBack = new Set<string>()
      for (const waiter of waiters.list()) {
        const { spec, onInitLog, patientSinceMs } = waiter
        // Who has waited longer for it is: all others are.
        if (patientSinceMs !== null && heldBack.has(spec.key)) continue
        const count = (wanted.get(spec.key) ?? 0) + 1
        if (count > starts.count(spec.key)) {
          if (slots.areTaken) return
          if (patientSinceMs !== null && isThere(spec.key) && patience.holdsBack(spec.key, patientSinceMs)) {
            heldBack.add(spec.key)
            continue
          }
          if (!makeRoom(spec.memoryMiB)) return
          const fault = options.scaleOut.start(spec.functionId)
          if (fault === null) begin(spec, 'on-demand', onInitLog)
          else refuse(waiter, fault)
        }
        wanted.set(spec.key, count)
      }
      startProvisioned()
      if (!slots.areTaken) prestarted.replenish()
    } finally {
      isMatching = false
    }
  }

  /** Whether an environment of a version is there, or will be. */
  const isThere = (key: string) =>
    starts.count(key) > 0 || [...members].some(({ environment }) => environment.spec.key === key)

  /** Starts what is to be there ahead: when all who wait have their starts, so that none of them waits longer for it. */
  function startProvisioned(): void {
    for (const { spec, count } of provisioned.missing((key) => starts.count(key, true))) {
      for (let begun = 0; begun < count && !slots.areTaken && makeRoom(spec.memoryMiB); begun += 1) {
        begin(spec, 'provisioned-concurrency', (line, logStreamName) => provisioned.initLog(spec, line, logStreamName))
      }
    }
  }

  /** Whether so much memory is there, or can be had from environments that are idle. */
  function fits(memoryMiB: number): boolean {
    const idleMiB = idle.all().reduce((sum, { environment }) => sum + environment.spec.memoryMiB, 0)
    return grantedMiB - idleMiB + memoryMiB <= memoryBudgetMiB
  }

  /** Whether so much memory can be granted, if need be by ending environments that are idle, the longest idle first. */
  function makeRoom(memoryMiB: number): boolean {
    if (!fits(memoryMiB)) return false
    for (const member of idle.all()) {
      if (grantedMiB + memoryMiB <= memoryBudgetMiB) break
      end(member)
    }
    return true
  }

  function begin(spec: EnvironmentSpec, initializationType: InitializationType, onInitLog: InitLog): void {
    const start: Start = { spec, isProvisioned: initializationType === 'provisioned-concurrency', isRetired: false }
    const slot = slots.take()
    // What is kept ahead has the time to start.
    const sandbox = start.isProvisioned ? null : prestarted.take(spec)
    grant(spec.memoryMiB)
    starts.add(
      start,
      options
        .start(spec, initializationType, onInitLog, sandbox)
        .then(
          (environment) => adopt(start, environment),
          (error: unknown) => abandon(start, error),
        )
        .finally(() => slot[Symbol.dispose]()),
    )
  }

  /** Grants memory, or with a negative amount takes it back; what is started ahead has what is left. */
  function grant(memoryMiB: number): void {
    grantedMiB += memoryMiB
    prestarted.limit(Math.min(memoryBudgetMiB - grantedMiB, memoryBudgetMiB * PRESTARTED_SHARE))
  }

  async function adopt(start: Start, environment: ExecutionEnvironment): Promise<void> {
    starts.delete(start)
    const { spec, isProvisioned } = start
    const member: Member = { environment, isProvisioned, hasServed: false, isRetired: start.isRetired, expiry: null }
    members.add(member)
    present.add(environment.ended)
    void environment.ended.then(() => present.delete(environment.ended))
    void environment.closed.then(() => {
      // What ends by itself before its first event would do so again and again.
      if (isProvisioned && !member.hasServed && members.has(member)) provisioned.fail(spec.key, false)
      forget(member)
    })
    if (isStopping) {
      end(member)
      await environment.ended
      return
    }
    if (isProvisioned && !environment.isUsable) {
      provisioned.fail(spec.key, true)
      end(member)
      return
    }
    if (isProvisioned && !provisioned.add(spec.key, member)) member.isRetired = true
    const waiter = waiters.take(environment.spec.key, !isProvisioned)
    if (waiter !== null) waiter.resolve(member)
    else settle(member)
  }

  function abandon(start: Start, error: unknown): void {
    starts.delete(start)
    grant(-start.spec.memoryMiB)
    if (start.isProvisioned) {
      options.reportFault(error)
      provisioned.fail(start.spec.key, false)
    } else waiters.take(start.spec.key, true)?.reject(error)
  }

  /** Ends what was kept ahead and is no longer wanted: busy ones after their event. */
  function letGo({ idle: unused, busy }: { readonly idle: readonly Member[]; readonly busy: readonly Member[] }): void {
    for (const member of busy) member.isRetired = true
    for (const member of unused) end(member)
  }

  /** Takes an environment back from who had it. */
  function takeBack(member: Member): void {
    if (!members.has(member)) return
    const { isUsable, spec } = member.environment
    const waiter = isUsable && !member.isRetired ? waiters.take(spec.key, false) : null
    waiter?.resolve(member)
    if (waiter === null) settle(member)
    else patience.served(spec.key)
  }

  /** Keeps an environment that nobody waits for, or ends it where it is of no more use. */
  function settle(member: Member): void {
    if (member.isRetired || !member.environment.isUsable) end(member)
    else if (member.isProvisioned) provisioned.rest(member.environment.spec.key, member)
    else keepWarm(member)
    startForWaiters()
  }

  function keepWarm(member: Member): void {
    idle.add(member.environment.spec.key, member)
    member.expiry = clock.schedule(clock.now() + keepAliveMs, () => end(member))
  }

  function takeIdle(key: string): Member | null {
    const member = idle.takeLatest(key)
    if (member !== null) stopExpiry(member)
    return member
  }

  function stopExpiry(member: Member): void {
    member.expiry?.[Symbol.dispose]()
    member.expiry = null
  }

  function end(member: Member): void {
    member.environment.kill()
    forget(member)
  }

  function forget(member: Member): void {
    stopExpiry(member)
    const { spec } = member.environment
    idle.remove(spec.key, member)
    provisioned.remove(spec.key, member)
    if (!members.delete(member)) return
    grant(-spec.memoryMiB)
    startForWaiters()
  }

  function handOut(member: Member): ReservedEnvironment {
    const { environment, isProvisioned, hasServed } = member
    member.hasServed = true
    const isColdStart = !isProvisioned && !hasServed
    return reservation(environment, { isColdStart, isProvisioned, giveBack: () => takeBack(member) })
  }

  prestarted.limit(memoryBudgetMiB * PRESTARTED_SHARE)
  return {
    reserve,
    expect: (shape) => prestarted.expect(shape),
    held() {
      const specs = [...members].map(({ environment }) => environment.spec)
      specs.push(...starts.all().map(({ spec }) => spec), ...provisioned.specs())
      const keys = new Map<string, Set<string>>()
      for (const { functionId, key } of specs) keys.set(functionId, (keys.get(functionId) ?? new Set()).add(key))
      return keys
    },
    retire(functionId, keepKeys) {
      const isOld = ({ spec }: { spec: EnvironmentSpec }) => spec.functionId === functionId && !keepKeys.has(spec.key)
      for (const start of starts.all()) if (isOld(start)) start.isRetired = true
      for (const member of [...members]) if (isOld(member.environment)) member.isRetired = true
      for (const member of idle.all()) if (member.isRetired) end(member)
      letGo(provisioned.retire(functionId, keepKeys))
    },
    keepProvisioned(demands, onInitLog, onChange) {
      letGo(provisioned.keep(isStopping ? [] : demands, onInitLog, onChange))
      startForWaiters()
    },
    provisioned: () => provisioned.counts(),
    stats() {
      const idleCount = idle.all().length + provisioned.idleCount
      return { busy: members.size - idleCount, idle: idleCount, grantedMiB }
    },
    prestarted: () => ({ count: prestarted.count, memoryMiB: prestarted.memoryMiB }),
    async stop() {
      isStopping = true
      provisioned.stop()
      for (const waiter of waiters.list()) refuse(waiter, new PlatformFault('the service is stopping'))
      for (const member of [...members]) end(member)
      await Promise.all([starts.untilOver(), ...present, prestarted.stop()])
    },
  }
}
