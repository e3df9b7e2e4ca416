import { describe, expect, it, vi } from 'vitest'
import type { EnvironmentSpec, LogLine } from '../../src/environments/contract.ts'
import { RETRY_MS } from '../../src/environments/provisionedEnvironments.ts'
import { drivenClock } from '../kit/drivenClock.ts'
import { createTestEnvironments, type TestEnvironments } from '../kit/testEnvironments.ts'

const LONG_MS = 20_000
const SAYS_TYPE = `
exports.handler = async (event) => {
  if (event.exit) process.exit(1)
  return process.env.AWS_LAMBDA_INITIALIZATION_TYPE
}
`

const says = (kit: TestEnvironments, changes: Partial<EnvironmentSpec> = {}) =>
  kit.spec({ 'index.js': SAYS_TYPE }, changes)

interface Keeping {
  readonly lines: LogLine[]
  changes: number
}

/** Keeps so many of each version; another generation each time that it is asked for. */
function keep(kit: TestEnvironments, demands: readonly [EnvironmentSpec, number][], generation = '1'): Keeping {
  const keeping: Keeping = { lines: [], changes: 0 }
  kit.pool.keepProvisioned(
    demands.map(([spec, count]) => ({ spec, count, generation })),
    (_spec, line) => void keeping.lines.push(line),
    () => {
      keeping.changes += 1
    },
  )
  return keeping
}

async function untilAvailable(kit: TestEnvironments, spec: EnvironmentSpec, available: number): Promise<void> {
  await vi.waitFor(() => expect(kit.pool.provisioned().get(spec.key)).toEqual({ available, hasFailed: false }), {
    timeout: LONG_MS,
    interval: 10,
  })
}

const reserve = (kit: TestEnvironments, spec: EnvironmentSpec, waitMs = LONG_MS) =>
  kit.pool.reserve(spec, () => undefined, { waitMs })

describe('environments that are kept started ahead', () => {
  it('serve their version before others, as warm starts, and others start when they are all busy', async () => {
    await using kit = createTestEnvironments()
    const spec = says(kit)
    const { lines } = keep(kit, [[spec, 2]])
    await untilAvailable(kit, spec, 2)
    expect(lines.filter(({ message }) => message.startsWith('INIT_START'))).toHaveLength(2)
    const held = [await reserve(kit, spec), await reserve(kit, spec), await reserve(kit, spec)]
    expect(held.map(({ isProvisioned, isColdStart }) => [isProvisioned, isColdStart])).toEqual([
      [true, false],
      [true, false],
      [false, true],
    ])
    for (const environment of held) await environment[Symbol.asyncDispose]()
    const { value, initDurationUs } = await kit.run(spec)
    expect([value, initDurationUs]).toEqual(['provisioned-concurrency', null])
  })

  it('do not expire', async () => {
    const clock = drivenClock()
    await using kit = createTestEnvironments({ keepAliveMs: 60_000 }, clock)
    const spec = says(kit)
    keep(kit, [[spec, 1]])
    await untilAvailable(kit, spec, 1)
    await kit.run(spec)
    await clock.advance(3_600_000)
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 1, grantedMiB: 128 })
    expect((await kit.run(spec)).isColdStart).toBe(false)
  })

  it('are not ended to make room, and end others to have it', async () => {
    await using kit = createTestEnvironments({ memoryBudgetMiB: 256 })
    const [spec, other] = [says(kit), says(kit)]
    await Promise.all([kit.run(other, {}), kit.run(other, {})])
    keep(kit, [[spec, 2]])
    await untilAvailable(kit, spec, 2)
    await expect(reserve(kit, other, 50)).rejects.toMatchObject({ reason: 'ENVIRONMENT_CAPACITY_EXCEEDED' })
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 2, grantedMiB: 256 })
  })

  it('never take more memory than there is: what does not fit is started when there is room', async () => {
    await using kit = createTestEnvironments({ memoryBudgetMiB: 256 })
    const [spec, other] = [says(kit), says(kit)]
    const held = await reserve(kit, other)
    keep(kit, [[spec, 2]])
    await untilAvailable(kit, spec, 1)
    expect(kit.pool.stats().grantedMiB).toBe(256)
    await held[Symbol.asyncDispose]()
    await untilAvailable(kit, spec, 2)
    expect(kit.pool.stats().grantedMiB).toBe(256)
  })

  it('are replaced when they end', async () => {
    await using kit = createTestEnvironments()
    const spec = says(kit)
    const keeping = keep(kit, [[spec, 1]])
    await untilAvailable(kit, spec, 1)
    expect((await kit.run(spec, { exit: true })).outcome.kind).toBe('FAILED')
    await untilAvailable(kit, spec, 1)
    expect((await kit.run(spec)).value).toBe('provisioned-concurrency')
    expect(keeping.changes).toBe(3)
  })

  it('end when they are not wanted any more: the idle ones at once, the busy ones after their event', async () => {
    await using kit = createTestEnvironments()
    const spec = says(kit)
    keep(kit, [[spec, 3]])
    await untilAvailable(kit, spec, 3)
    const busy = await reserve(kit, spec)
    keep(kit, [[spec, 1]])
    expect(kit.pool.stats()).toEqual({ busy: 1, idle: 0, grantedMiB: 128 })
    keep(kit, [])
    expect(kit.pool.provisioned().size).toBe(0)
    await busy[Symbol.asyncDispose]()
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 0, grantedMiB: 0 })
  })

  it('end with their revision', async () => {
    await using kit = createTestEnvironments()
    const spec = says(kit)
    keep(kit, [[spec, 1]])
    await untilAvailable(kit, spec, 1)
    kit.pool.retire(spec.functionId, new Set())
    expect(kit.pool.stats()).toEqual({ busy: 0, idle: 0, grantedMiB: 0 })
  })

  it('whose code cannot be loaded are tried again after a minute, or at once when they are asked for anew', async () => {
    const clock = drivenClock()
    await using kit = createTestEnvironments({}, clock)
    const spec = kit.spec({ 'index.js': 'throw new Error("not now")' })
    const starts = (lines: readonly LogLine[]) => lines.filter(({ message }) => message.startsWith('INIT_START')).length
    const hasFailed = async (lines: readonly LogLine[], count: number) => {
      await vi.waitFor(() => expect(starts(lines)).toBe(count), { timeout: LONG_MS, interval: 10 })
      await vi.waitFor(() => expect(kit.pool.provisioned().get(spec.key)).toEqual({ available: 0, hasFailed: true }), {
        timeout: LONG_MS,
        interval: 10,
      })
      await vi.waitFor(() => expect(kit.pool.stats().grantedMiB).toBe(0), { timeout: LONG_MS, interval: 10 })
    }
    const first = keep(kit, [[spec, 1]])
    await hasFailed(first.lines, 1)
    const again = keep(kit, [[spec, 1]])
    await clock.advance(RETRY_MS - 1)
    expect(starts(again.lines)).toBe(0)
    await clock.advance(1)
    await hasFailed(again.lines, 1)
    const anew = keep(kit, [[spec, 1]], '2')
    expect(kit.pool.provisioned().get(spec.key)).toEqual({ available: 0, hasFailed: false })
    await hasFailed(anew.lines, 1)
  })
})
