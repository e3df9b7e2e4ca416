import { PlatformFault, ThrottleFault } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import type { EnvironmentPool, EnvironmentSpec, LogLine, ReservedEnvironment } from './contract.ts'
import type { ExecutionEnvironment } from './executionEnvironment.ts'

/** Takes the lines of an environment's start. */
type InitLog = (line: LogLine, logStreamName: string) => undefined | Promise<void>

export interface EnvironmentPoolOptions {
  readonly clock: Clock
  /** Starts an environment and loads its code. Rejects with a PlatformFault; a failed load is no rejection. */
  readonly start: (spec: EnvironmentSpec, onInitLog: InitLog) => Promise<ExecutionEnvironment>
  readonly memoryBudgetMiB: number
  readonly keepAliveMs: number
  /** How many environments start at the same time: more would only make each other slow. */
  readonly parallelStarts: number
}

/** One environment and what the pool knows of it. */
interface Member {
  readonly environment: ExecutionEnvironment
  hasServed: boolean
  isRetired: boolean
  expiry: Disposable | null
}

interface Waiter {
  readonly spec: EnvironmentSpec
  readonly onInitLog: InitLog
  readonly resolve: (member: Member) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** A start that takes longer than this is waiting for the function's own code, and not for a processor. */
const LONGEST_SLOT_MS = 1_500
const RETRY_AFTER_MS = 1_000

/**
 * The environments of this node. Who needs one and none is warm waits; for each who waits one is started, and whichever
 * comes first, a start that is ready or an environment that is given back, goes to who waits longest. What a start was
 * made for may therefore be served by another one, and the start is then kept warm.
 */
export function createEnvironmentPool(options: EnvironmentPoolOptions): EnvironmentPool {
  const { clock, memoryBudgetMiB, keepAliveMs, parallelStarts } = options
  const members = new Set<Member>()
  /** Warm environments, by the key of their spec; the one that was used last is used next. */
  const idle = new Map<string, Member[]>()
  const starting = new Map<string, number>()
  let waiters: Waiter[] = []
  let slots = parallelStarts
  let grantedMiB = 0
  let isStopping = false

  function reserve(spec: EnvironmentSpec, onInitLog: InitLog, waitMs: number): Promise<ReservedEnvironment> {
    if (isStopping) return Promise.reject(new PlatformFault('the service is stopping and starts nothing more'))
    const warm = takeIdle(spec.key)
    if (warm !== null) return Promise.resolve(reservation(warm))
    return new Promise<Member>((resolve, reject) => {
      const timer = setTimeout(() => giveUp(waiter), waitMs)
      const waiter: Waiter = { spec, onInitLog, resolve, reject, timer }
      waiters.push(waiter)
      startForWaiters()
    }).then(reservation)
  }

  /** A start that is under way is not given up: whoever waits for one waits as long as it takes. */
  function giveUp(waiter: Waiter): void {
    if ((starting.get(waiter.spec.key) ?? 0) > 0) return
    waiters = waiters.filter((each) => each !== waiter)
    waiter.reject(
      new ThrottleFault(
        'ENVIRONMENT_CAPACITY_EXCEEDED',
        Math.floor(memoryBudgetMiB / waiter.spec.memoryMiB),
        RETRY_AFTER_MS,
      ),
    )
  }

  function startForWaiters(): void {
    const wanted = new Map<string, number>()
    for (const { spec, onInitLog } of waiters) {
      const count = (wanted.get(spec.key) ?? 0) + 1
      wanted.set(spec.key, count)
      if (slots === 0) return
      if (count > (starting.get(spec.key) ?? 0) && makeRoom(spec.memoryMiB)) void start(spec, onInitLog)
    }
  }

  /** Whether so much memory can be granted, if need be by ending environments that are idle, the longest idle first. */
  function makeRoom(memoryMiB: number): boolean {
    const idleMembers = [...members].filter((member) => isIdle(member))
    const idleMiB = idleMembers.reduce((sum, { environment }) => sum + environment.spec.memoryMiB, 0)
    if (grantedMiB - idleMiB + memoryMiB > memoryBudgetMiB) return false
    for (const member of idleMembers) {
      if (grantedMiB + memoryMiB <= memoryBudgetMiB) break
      end(member)
    }
    return true
  }

  async function start(spec: EnvironmentSpec, onInitLog: InitLog): Promise<void> {
    slots -= 1
    grantedMiB += spec.memoryMiB
    starting.set(spec.key, (starting.get(spec.key) ?? 0) + 1)
    let hasSlot = true
    const freeSlot = () => {
      if (!hasSlot) return
      hasSlot = false
      slots += 1
      startForWaiters()
    }
    const slotTimer = setTimeout(freeSlot, LONGEST_SLOT_MS)
    try {
      const environment = await options.start(spec, onInitLog)
      stopCounting(spec.key)
      const member: Member = { environment, hasServed: false, isRetired: isStopping, expiry: null }
      members.add(member)
      void environment.ended.then(() => forget(member))
      handOver(member)
    } catch (error) {
      stopCounting(spec.key)
      grantedMiB -= spec.memoryMiB
      takeWaiter(spec.key)?.reject(error instanceof Error ? error : new PlatformFault(String(error)))
    } finally {
      clearTimeout(slotTimer)
      freeSlot()
    }
  }

  function stopCounting(key: string): void {
    const count = (starting.get(key) ?? 0) - 1
    if (count > 0) starting.set(key, count)
    else starting.delete(key)
  }

  /** Gives an environment to who waits for one, or keeps it warm. */
  function handOver(member: Member): void {
    const { environment } = member
    const isNew = !member.hasServed
    // A start that failed has an outcome to tell; one that has told it is of no more use.
    if (!member.isRetired && (environment.isUsable || isNew)) {
      const waiter = takeWaiter(environment.spec.key)
      if (waiter !== null) {
        waiter.resolve(member)
        return
      }
    }
    if (member.isRetired || !environment.isUsable) end(member)
    else keepWarm(member)
    startForWaiters()
  }

  function takeWaiter(key: string): Waiter | null {
    const index = waiters.findIndex(({ spec }) => spec.key === key)
    if (index < 0) return null
    const [waiter] = waiters.splice(index, 1)
    clearTimeout(waiter!.timer)
    return waiter!
  }

  function keepWarm(member: Member): void {
    const { key } = member.environment.spec
    const group = idle.get(key)
    if (group === undefined) idle.set(key, [member])
    else group.push(member)
    // Into the order of leaving: members are iterated as they were added.
    members.delete(member)
    members.add(member)
    member.expiry = clock.schedule(clock.now() + keepAliveMs, () => {
      if (isIdle(member)) end(member)
    })
  }

  function takeIdle(key: string): Member | null {
    const group = idle.get(key)
    const member = group?.at(-1)
    if (member === undefined) return null
    removeIdle(member)
    return member
  }

  function isIdle(member: Member): boolean {
    return idle.get(member.environment.spec.key)?.includes(member) ?? false
  }

  function removeIdle(member: Member): void {
    member.expiry?.[Symbol.dispose]()
    member.expiry = null
    const { key } = member.environment.spec
    const rest = idle.get(key)?.filter((each) => each !== member) ?? []
    if (rest.length > 0) idle.set(key, rest)
    else idle.delete(key)
  }

  function end(member: Member): void {
    forget(member)
    member.environment.kill()
  }

  function forget(member: Member): void {
    removeIdle(member)
    if (!members.delete(member)) return
    grantedMiB -= member.environment.spec.memoryMiB
    startForWaiters()
  }

  function reservation(member: Member): ReservedEnvironment {
    const { environment } = member
    const isColdStart = !member.hasServed
    member.hasServed = true
    return {
      logStreamName: environment.logStreamName,
      isColdStart,
      invoke: (request, onLog) => environment.invoke(request, onLog),
      async [Symbol.asyncDispose]() {
        handOver(member)
      },
    }
  }

  return {
    reserve,
    retire(functionId, keepKeys) {
      for (const member of [...members]) {
        const { spec } = member.environment
        if (spec.functionId !== functionId || keepKeys.has(spec.key)) continue
        member.isRetired = true
        if (isIdle(member)) end(member)
      }
    },
    stats() {
      const idleCount = [...idle.values()].reduce((sum, group) => sum + group.length, 0)
      return { busy: members.size - idleCount, idle: idleCount, grantedMiB }
    },
    async stop() {
      isStopping = true
      for (const { reject, timer } of waiters.splice(0)) {
        clearTimeout(timer)
        reject(new PlatformFault('the service is stopping'))
      }
      const present = [...members]
      for (const member of present) end(member)
      await Promise.all(present.map(({ environment }) => environment.ended))
    },
  }
}
