import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type RuntimeApiState,
  type RuntimeApiStep,
  refusedTransitionText,
  runtimeApiTransition,
  STARTED,
} from '../../src/model/runtimeApiState.ts'

const STATES: readonly RuntimeApiState[] = [
  STARTED,
  { kind: 'INIT_FAILED' },
  { kind: 'READY' },
  { kind: 'RUNNING', requestId: 'a' },
  { kind: 'RESPONDING', requestId: 'a' },
  { kind: 'RESPONDED' },
]
const STEPS: readonly RuntimeApiStep[] = [
  { kind: 'NEXT' },
  { kind: 'DISPATCH', requestId: 'a' },
  { kind: 'RESPONSE', requestId: 'a' },
  { kind: 'ERROR', requestId: 'a' },
  { kind: 'ANSWERED' },
  { kind: 'INIT_ERROR' },
]

describe('the states of a runtime', () => {
  it('are left in no other ways than these', () => {
    const ways = STATES.flatMap((state) =>
      STEPS.flatMap((step) => {
        const transition = runtimeApiTransition(state, step)
        return transition.kind === 'MOVED' ? [`${state.kind} ${step.kind} ${transition.state.kind}`] : []
      }),
    )
    expect(ways).toEqual([
      'STARTED NEXT READY',
      'STARTED INIT_ERROR INIT_FAILED',
      'READY NEXT READY',
      'READY DISPATCH RUNNING',
      'RUNNING RESPONSE RESPONDING',
      'RUNNING ERROR RESPONDING',
      'RESPONDING ANSWERED RESPONDED',
      'RESPONDED NEXT READY',
    ])
  })

  it('tell an answer to another request from one at the wrong time', () => {
    const running: RuntimeApiState = { kind: 'RUNNING', requestId: 'a' }
    expect(runtimeApiTransition(running, { kind: 'RESPONSE', requestId: 'b' })).toEqual({ kind: 'WRONG_REQUEST' })
    expect(runtimeApiTransition({ kind: 'READY' }, { kind: 'RESPONSE', requestId: 'a' })).toEqual({
      kind: 'NOT_ALLOWED',
    })
  })

  it('let each event be answered at most once, whatever a runtime asks for', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STEPS), { maxLength: 60 }), (steps) => {
        let state: RuntimeApiState = STARTED
        let [dispatched, answered] = [0, 0]
        for (const step of steps) {
          const transition = runtimeApiTransition(state, step)
          if (transition.kind !== 'MOVED') continue
          state = transition.state
          if (step.kind === 'DISPATCH') dispatched += 1
          if (step.kind === 'ANSWERED') answered += 1
          expect(answered).toBeLessThanOrEqual(dispatched)
          expect(dispatched - answered).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('are named as AWS names them where a step is refused', () => {
    expect(refusedTransitionText({ kind: 'READY' }, 'RESPONSE')).toBe(
      'State transition from Ready to InvocationResponse failed for runtime. Error: State transition is not allowed',
    )
  })
})
