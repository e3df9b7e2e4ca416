import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PlatformFault } from '../../src/errors.ts'
import {
  backoffMs,
  nextQueueState,
  type QueueEvent,
  type QueueState,
  type RetryPolicy,
} from '../../src/model/queueTransition.ts'

const START_MS = 1_000_000
const NODE = 'node'

function policy(ageSeconds = 21_600, maximumRetryAttempts = 2): RetryPolicy {
  return { maximumRetryAttempts, expiresAtMs: START_MS + ageSeconds * 1000 }
}

const waiting: QueueState = { kind: 'WAITING', dueAtMs: START_MS, attempts: 0, failures: 0, throttles: 0 }

/** Runs events from the beginning; a claim stands before each, which refuses what is too old. Attempts take no time. */
function run(kinds: readonly ('SUCCEEDED' | 'FAILED' | 'THROTTLED' | 'LOST')[], rules: RetryPolicy): QueueState[] {
  const states: QueueState[] = []
  let state: QueueState = waiting
  let nowMs = START_MS
  for (const kind of kinds) {
    if (state.kind === 'DONE') break
    if (state.kind === 'WAITING') nowMs = Math.max(nowMs, state.dueAtMs)
    state = nextQueueState(state, { kind: 'CLAIMED', nodeId: NODE }, rules)
    if (nowMs >= rules.expiresAtMs) {
      state = nextQueueState(state, { kind: 'REFUSED', condition: 'EventAgeExceeded' }, rules)
    } else state = nextQueueState(state, kind === 'SUCCEEDED' ? { kind } : { kind, nowMs }, rules)
    states.push(state)
  }
  return states
}

const delays = (states: readonly QueueState[]) =>
  states.map((state) => (state.kind === 'WAITING' ? state.dueAtMs - START_MS : state.kind))

describe('a failing event', () => {
  it('is retried after 60 s and after another 120 s, and then given up', () => {
    const states = run(['FAILED', 'FAILED', 'FAILED'], policy())
    expect(delays(states)).toEqual([60_000, 180_000, 'DONE'])
    expect(states.at(-1)).toMatchObject({ condition: 'RetriesExhausted', attempts: 3, failures: 3 })
  })

  it('is never retried with a maximum age of 60 s, and once with one of 90 s', () => {
    expect(run(['FAILED'], policy(60)).at(-1)).toMatchObject({ condition: 'EventAgeExceeded', attempts: 1 })
    expect(run(['FAILED', 'FAILED'], policy(90)).at(-1)).toMatchObject({ condition: 'EventAgeExceeded', attempts: 2 })
  })

  it('is not retried where the function allows no retries', () => {
    expect(run(['FAILED'], policy(21_600, 0)).at(-1)).toMatchObject({ condition: 'RetriesExhausted', attempts: 1 })
  })
})

describe('a throttled event', () => {
  it('waits 1 s, 2 s, 4 s ... and never more than 5 min', () => {
    expect([1, 2, 3, 9, 10, 50].map(backoffMs)).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000])
  })

  it('keeps its attempts and its retries', () => {
    const states = run(['THROTTLED', 'THROTTLED', 'FAILED'], policy())
    expect(states[1]).toMatchObject({ attempts: 0, failures: 0, throttles: 2 })
    expect(states[2]).toMatchObject({ kind: 'WAITING', attempts: 1, failures: 1, throttles: 0 })
  })

  it('is given up when its age runs out', () => {
    expect(run(Array(40).fill('THROTTLED'), policy(600)).at(-1)).toMatchObject({
      condition: 'EventAgeExceeded',
      attempts: 0,
    })
  })
})

describe('a lost attempt', () => {
  it('is made again at once and does not count as a retry', () => {
    const states = run(['LOST', 'FAILED', 'FAILED', 'FAILED'], policy())
    expect(delays(states)).toEqual([0, 60_000, 180_000, 'DONE'])
    expect(states.at(-1)).toMatchObject({ attempts: 4, failures: 3 })
  })

  it('that is lost again and again waits longer each time, so that a poisoned event cannot hold its node down', () => {
    expect(delays(run(['LOST', 'LOST', 'LOST', 'LOST'], policy()))).toEqual([0, 1_000, 3_000, 7_000])
  })
})

describe('the transition function', () => {
  const events: QueueEvent[] = [
    { kind: 'CLAIMED', nodeId: NODE },
    { kind: 'SUCCEEDED' },
    { kind: 'FAILED', nowMs: START_MS },
    { kind: 'THROTTLED', nowMs: START_MS },
    { kind: 'LOST', nowMs: START_MS },
    { kind: 'REFUSED', condition: 'ZeroReservedConcurrency' },
  ]
  const leased: QueueState = { kind: 'LEASED', nodeId: NODE, attempts: 1, failures: 0, throttles: 0 }
  const done: QueueState = { kind: 'DONE', condition: 'Success', attempts: 1, failures: 0, throttles: 0 }

  it.each(events)('rejects $kind for an event that is done', (event) => {
    expect(() => nextQueueState(done, event, policy())).toThrow(PlatformFault)
  })

  it.each(events.slice(1))('rejects $kind for an event that waits', (event) => {
    expect(() => nextQueueState(waiting, event, policy())).toThrow(PlatformFault)
  })

  it('rejects a second claim', () => {
    expect(() => nextQueueState(leased, events[0]!, policy())).toThrow(PlatformFault)
  })

  it('lets only an event be cancelled that waits', () => {
    expect(nextQueueState(waiting, { kind: 'CANCELLED' }, policy())).toMatchObject({
      kind: 'DONE',
      condition: 'Cancelled',
    })
    for (const state of [leased, done]) {
      expect(() => nextQueueState(state, { kind: 'CANCELLED' }, policy())).toThrow(PlatformFault)
    }
  })

  it('counts no attempt for an event that is refused before one, and says why', () => {
    expect(nextQueueState(leased, { kind: 'REFUSED', condition: 'ZeroReservedConcurrency' }, policy())).toEqual({
      kind: 'DONE',
      condition: 'ZeroReservedConcurrency',
      attempts: 0,
      failures: 0,
      throttles: 0,
    })
  })

  it('gives an event that is lost behind its last moment to whoever refuses it', () => {
    const late = START_MS + 90_000
    const lost = nextQueueState(leased, { kind: 'LOST', nowMs: late }, policy(60))
    expect(lost).toMatchObject({ kind: 'WAITING', dueAtMs: late })
  })

  it('ends every history: after at most three failures, or by age', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('FAILED' as const, 'THROTTLED' as const, 'LOST' as const), {
          minLength: 200,
          maxLength: 300,
        }),
        fc.integer({ min: 60, max: 21_600 }),
        (kinds, ageSeconds) => {
          const states = run(kinds, policy(ageSeconds))
          const last = states.at(-1)!
          expect(last.kind).toBe('DONE')
          expect(last.failures).toBeLessThanOrEqual(3)
          expect(last.attempts).toBeGreaterThanOrEqual(last.failures)
          for (const state of states)
            if (state.kind === 'WAITING') expect(state.dueAtMs).toBeLessThanOrEqual(policy(ageSeconds).expiresAtMs)
        },
      ),
    )
  })
})
