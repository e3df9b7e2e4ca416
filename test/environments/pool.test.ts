import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { EnvironmentSpec, LogLine, ReservedEnvironment } from '../../src/environments/contract.ts'
import { ThrottleFault } from '../../src/errors.ts'
import { systemClock } from '../../src/model/clock.ts'
import { drivenClock } from '../kit/drivenClock.ts'
import { createTestEnvironments, type TestEnvironments } from '../kit/testEnvironments.ts'

const KEEP_ALIVE_MS = 60_000
const LONG_MS = 20_000
/** Counts its events in a global and in a file, and says who it is. */
const COUNTER = `
let count = 0
const { readFileSync, writeFileSync } = require('node:fs')
const previous = () => { try { return Number(readFileSync('/tmp/count', 'utf8')) } catch { return 0 } }
exports.handler = async (event) => {
  count += 1
  const inFile = previous() + 1
  writeFileSync('/tmp/count', String(inFile))
  if (event.exit) process.exit(1)
  if (event.waitMs) await new Promise((resolve) => setTimeout(resolve, event.waitMs))
  return { count, inFile }
}
`

function counter(kit: TestEnvironments, changes: Partial<EnvironmentSpec> = {}): EnvironmentSpec {
  return kit.spec({ 'index.js': COUNTER }, changes)
}

function reserve(
  kit: TestEnvironments,
  spec: EnvironmentSpec,
  waitMs = LONG_MS,
  isPatient = false,
): Promise<ReservedEnvironment> {
  return kit.pool.reserve(spec, () => undefined, { waitMs, isPatient })
}

async function giveBack(environment: ReservedEnvironment): Promise<void> {
  await environment[Symbol.asyncDispose]()
}

describe('a warm environment', () => {
  it('serves the next event of its version, with its globals and its /tmp, and no initialisation', async () => {
    await using kit = createTestEnvironments()
    const spec = counter(kit)
    const first = await kit.run(spec)
    const second = await kit.run(spec)
    expect([first.value, second.value]).toEqual([
      { count: 1, inFile: 1 },
      { count: 2, inFile: 2 },
    ])
    expect([first.isColdStart, second.isColdStart]).toEqual([true, false])
    expect(first.initDurationUs).toBeGreaterThan(0)
    expect(second.initDurationUs).toBeNull()
    expect(second.logStreamName).toBe(first.logStreamName)
  })

  it('shares nothing with another environment of the same version', async () => {
    await using kit = createTestEnvironments()
    const spec = counter(kit)
    const both = await Promise.all([kit.run(spec, { waitMs: 300 }), kit.run(spec, { waitMs: 300 })])
    expect(both.map(({ value }) => value)).toEqual(Array(2).fill({ count: 1, inFile: 1 }))
    expect(new Set(both.map(({ logStreamName }) => logStreamName)).size).toBe(2)
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 2, grantedMiB: 256 })
  })

  it('is the one that was given back last', async () => {
    await using kit = createTestEnvironments()
    const spec = counter(kit)
    const [one, other] = await Promise.all([reserve(kit, spec), reserve(kit, spec)])
    await giveBack(other)
    await giveBack(one)
    const next = await reserve(kit, spec)
    expect(next.logStreamName).toBe(one.logStreamName)
  })

  it('ends when it has been idle for as long as it is kept', async () => {
    const clock = drivenClock()
    await using kit = createTestEnvironments({ keepAliveMs: KEEP_ALIVE_MS }, clock)
    const spec = counter(kit)
    await kit.run(spec)
    await clock.advance(KEEP_ALIVE_MS - 1)
    expect((await kit.run(spec)).isColdStart).toBe(false)
    await clock.advance(KEEP_ALIVE_MS - 1)
    expect(kit.pool.stats().idle).toBe(1)
    await clock.advance(1)
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 0, grantedMiB: 0 })
    expect((await kit.run(spec)).isColdStart).toBe(true)
  })

  it('is not used again when its process ended', async () => {
    await using kit = createTestEnvironments()
    const spec = counter(kit)
    expect((await kit.run(spec, { exit: true })).outcome.kind).toBe('FAILED')
    const next = await kit.run(spec)
    expect(next.isColdStart).toBe(true)
    expect(next.value).toEqual({ count: 1, inFile: 1 })
  })

  it('may be given back twice', async () => {
    await using kit = createTestEnvironments()
    const environment = await reserve(kit, counter(kit))
    await giveBack(environment)
    await giveBack(environment)
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 1, grantedMiB: 128 })
  })
})

describe('the rate of scaling out', () => {
  it('throttles a function that grows faster, with the time of the next start, and no other function', async () => {
    const clock = drivenClock()
    await using kit = createTestEnvironments({ scaleOutRate: 2 }, clock)
    const [fast, other] = [counter(kit), counter(kit)]
    await Promise.all([reserve(kit, fast), reserve(kit, fast)])
    const fault = await reserve(kit, fast).catch((error: unknown) => error)
    expect(fault).toMatchObject({ reason: 'FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED', limit: 2, retryAfterMs: 5_000 })
    await reserve(kit, other)
    await clock.advance(5_000)
    await reserve(kit, fast)
  })

  it('counts environments and not events: those that are warm cost nothing', async () => {
    await using kit = createTestEnvironments({ scaleOutRate: 1 })
    const spec = counter(kit)
    for (let count = 0; count < 3; count += 1) await kit.run(spec)
  })
})

describe('the memory budget', () => {
  it('is not exceeded: who comes later waits, in the order of coming', async () => {
    await using kit = createTestEnvironments({ memoryBudgetMiB: 256 })
    const [one, other] = [counter(kit), counter(kit)]
    const held = await Promise.all([reserve(kit, one), reserve(kit, one)])
    const order: string[] = []
    const waiting = [
      reserve(kit, other).then((environment) => {
        order.push('first')
        return giveBack(environment)
      }),
      reserve(kit, one).then((environment) => {
        order.push('second')
        return giveBack(environment)
      }),
    ]
    expect(kit.pool.stats()).toEqual({ busy: 2, idle: 0, grantedMiB: 256 })
    // The second may have it at once, for it is an environment of its version; the first has its turn with the next.
    await giveBack(held[0]!)
    await giveBack(held[1]!)
    await Promise.all(waiting)
    expect(order.sort()).toEqual(['first', 'second'])
    expect(kit.pool.stats().grantedMiB).toBeLessThanOrEqual(256)
  })

  it('who needs much is not overtaken by who needs little', async () => {
    await using kit = createTestEnvironments({ memoryBudgetMiB: 384 })
    const [small, large, late] = [counter(kit), counter(kit, { memoryMiB: 256 }), counter(kit)]
    const held = await Promise.all([reserve(kit, small), reserve(kit, small)])
    const order: string[] = []
    const first = reserve(kit, large).then((environment) => {
      order.push('large')
      return environment
    })
    const second = reserve(kit, late).then((environment) => {
      order.push('late')
      return environment
    })
    await giveBack(held[0]!)
    await giveBack(await first)
    await second
    expect(order).toEqual(['large', 'late'])
  })

  it('throttles who has waited long enough', async () => {
    await using kit = createTestEnvironments({ memoryBudgetMiB: 256 })
    const spec = counter(kit)
    await Promise.all([reserve(kit, spec), reserve(kit, spec)])
    const fault = await reserve(kit, spec, 50).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(ThrottleFault)
    expect(fault).toMatchObject({ reason: 'ENVIRONMENT_CAPACITY_EXCEEDED', limit: 2, message: 'Rate Exceeded.' })
    expect(kit.pool.stats()).toEqual({ busy: 2, idle: 0, grantedMiB: 256 })
  })

  it('throttles nobody who only waits for the turn to start, while there is room', async () => {
    await using kit = createTestEnvironments({ memoryBudgetMiB: 8_192 })
    const spec = kit.spec({
      'index.js': 'const end = Date.now() + 100; while (Date.now() < end); exports.handler = async () => 1',
    })
    const reserved = await Promise.all(Array.from({ length: 20 }, () => reserve(kit, spec, 50)))
    expect(reserved).toHaveLength(20)
    expect(kit.pool.stats().grantedMiB).toBe(20 * 128)
  })

  it('ends the environments of others that have been idle longest', async () => {
    await using kit = createTestEnvironments({ memoryBudgetMiB: 384 })
    const specs = [counter(kit), counter(kit), counter(kit)]
    for (const spec of specs) await kit.run(spec)
    await kit.run(specs[0]!)
    await kit.run(counter(kit))
    const isColdStart = []
    for (const spec of [specs[0]!, specs[2]!, specs[1]!]) isColdStart.push((await kit.run(spec)).isColdStart)
    expect(isColdStart).toEqual([false, false, true])
  })

  it('an eviction starts one environment, not two', async () => {
    await using kit = createTestEnvironments({ memoryBudgetMiB: 256 })
    const spec = counter(kit)
    const held = await Promise.all([reserve(kit, spec), reserve(kit, spec)])
    for (const environment of held) await giveBack(environment)
    const { initLines } = await kit.run(counter(kit))
    expect(initLines.filter(({ message }) => message.startsWith('INIT_START'))).toHaveLength(1)
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 2, grantedMiB: 256 })
  })
})

describe('a new revision', () => {
  it('ends idle environments of the old one, and those that run after their event', async () => {
    await using kit = createTestEnvironments()
    const old = counter(kit)
    const current = counter(kit, { functionId: old.functionId })
    const other = counter(kit)
    await kit.run(current)
    await kit.run(other)
    const [busy, idle] = await Promise.all([reserve(kit, old), reserve(kit, old)])
    await giveBack(idle)
    kit.pool.retire(old.functionId, new Set([current.key]))
    expect(kit.pool.stats()).toEqual({ busy: 1, idle: 2, grantedMiB: 384 })
    const lines: LogLine[] = []
    const { outcome } = await busy.invoke(
      {
        requestId: 'r',
        payload: '{}',
        invokedFunctionArn: 'arn',
        clientContext: null,
        traceId: '',
        billingStepMs: 100,
      },
      (line) => void lines.push(line),
    )
    expect(outcome.kind).toBe('SUCCEEDED')
    await giveBack(busy)
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 2, grantedMiB: 256 })
  })

  it('lets an environment that is just starting serve who waits for it, and then ends it', async () => {
    await using kit = createTestEnvironments()
    const old = counter(kit)
    const started = reserve(kit, old)
    kit.pool.retire(old.functionId, new Set())
    await giveBack(await started)
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 0, grantedMiB: 0 })
  })
})

describe('starting', () => {
  it('twenty environments of five functions at once all answer, each cold start counted once', async () => {
    await using kit = createTestEnvironments()
    const specs = Array.from({ length: 5 }, () => counter(kit))
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, index) => kit.run(specs[index % 5]!, { waitMs: 200 })),
    )
    for (const { outcome } of runs) expect(outcome.kind).toBe('SUCCEEDED')
    const cold = runs.filter(({ isColdStart }) => isColdStart)
    const { idle, busy } = kit.pool.stats()
    expect(busy).toBe(0)
    expect(cold.length).toBeLessThanOrEqual(idle)
    expect(new Set(cold.map(({ logStreamName }) => logStreamName)).size).toBe(cold.length)
  })

  it('that fails for the platform is told to who waits, and costs nothing', async () => {
    await using kit = createTestEnvironments()
    const spec = { ...counter(kit), codeSha256: 'lost' }
    await expect(reserve(kit, spec)).rejects.toThrow()
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 0, grantedMiB: 0 })
  })
})

describe('stopping the pool', () => {
  it('kills what runs and what starts, refuses who waits and who comes', async () => {
    const kit = createTestEnvironments({ memoryBudgetMiB: 384 })
    const spec = counter(kit)
    const busy = await reserve(kit, spec)
    const running = busy.invoke(
      {
        requestId: 'r',
        payload: '{"waitMs":60000}',
        invokedFunctionArn: 'arn',
        clientContext: null,
        traceId: '',
        billingStepMs: 100,
      },
      () => undefined,
    )
    const starting = reserve(kit, counter(kit)).catch((error: Error) => error.message)
    await kit.pool.stop()
    expect((await running).outcome).toMatchObject({ kind: 'FAILED', failure: 'CRASH' })
    expect(await starting).toBe('the service is stopping')
    await expect(reserve(kit, spec)).rejects.toThrow('the service is stopping')
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 0, grantedMiB: 0 })
    await kit[Symbol.asyncDispose]()
  })
})

describe('who is patient', () => {
  const clock = systemClock()
  /** A machine whose processors are busy until the test says otherwise. */
  function busyMachine() {
    let isFull = true
    const kit = createTestEnvironments({}, clock, { load: { isFull: () => isFull } })
    const free = () => {
      isFull = false
    }
    return { kit, free, patient: (spec: EnvironmentSpec) => reserve(kit, spec, LONG_MS, true) }
  }

  it('is started an environment for where the version has none, however busy the machine is', async () => {
    const { kit, patient } = busyMachine()
    await using _ = kit
    await giveBack(await patient(counter(kit)))
    expect(kit.pool.stats()).toMatchObject({ busy: 0, idle: 1 })
  })

  it('gets what is given back while the machine is busy, and none is started for it', async () => {
    const { kit, patient } = busyMachine()
    await using _ = kit
    const spec = counter(kit)
    const first = await reserve(kit, spec)
    const all = Array.from({ length: 5 }, () => patient(spec))
    await giveBack(first)
    for (const each of all) {
      const next = await each
      expect(next.logStreamName).toBe(first.logStreamName)
      await giveBack(next)
    }
    expect(kit.pool.stats()).toMatchObject({ busy: 0, idle: 1 })
  })

  it('is started one for when the machine has processors to spare again', async () => {
    const { kit, free, patient } = busyMachine()
    await using _ = kit
    const spec = counter(kit)
    await using first = await reserve(kit, spec)
    const waiting = patient(spec)
    free()
    const beganMs = performance.now()
    await using other = await waiting
    expect(other.logStreamName).not.toBe(first.logStreamName)
    expect(performance.now() - beganMs).toBeLessThan(1_000)
  })

  it('is started one for after a second, for what is there may be busy for long', async () => {
    const { kit, patient } = busyMachine()
    await using _ = kit
    const spec = counter(kit)
    await using first = await reserve(kit, spec)
    const beganMs = performance.now()
    await using other = await patient(spec)
    expect(other.logStreamName).not.toBe(first.logStreamName)
    expect(performance.now() - beganMs).toBeGreaterThan(990)
  })

  it('is started none for while others get what comes back, however long it waits itself', async () => {
    const { kit, patient } = busyMachine()
    await using _ = kit
    const spec = counter(kit)
    const beganMs = performance.now()
    await Promise.all(
      Array.from({ length: 6 }, async () => {
        const each = await patient(spec)
        await pause(300)
        await giveBack(each)
      }),
    )
    expect(performance.now() - beganMs).toBeGreaterThan(1_500)
    expect(kit.pool.stats()).toMatchObject({ busy: 0, idle: 1 })
  })

  it('holds up nobody who is not: for those one is started at once', async () => {
    const { kit, patient } = busyMachine()
    await using _ = kit
    const spec = counter(kit)
    await using first = await reserve(kit, spec)
    const waiting = patient(spec)
    // What is started for who came last goes to who has waited longest.
    const last = reserve(kit, spec)
    await using other = await waiting
    expect(other.logStreamName).not.toBe(first.logStreamName)
    await giveBack(other)
    expect((await last).logStreamName).toBe(other.logStreamName)
    await giveBack(await last)
  })
})
