import { describe, expect, it } from 'vitest'
import {
  type ExtensionState,
  type ExtensionStep,
  extensionLine,
  extensionTransition,
} from '../../src/model/extensionState.ts'

const STATES: readonly ExtensionState[] = [
  { kind: 'STARTED' },
  { kind: 'REGISTERED' },
  { kind: 'READY' },
  { kind: 'RUNNING' },
  { kind: 'INIT_ERROR', errorType: 'a' },
  { kind: 'EXIT_ERROR', errorType: 'a' },
  { kind: 'LAUNCH_ERROR', errorType: 'a' },
  { kind: 'EXITED' },
]
const kindsAfter = (step: ExtensionStep) => STATES.map((state) => extensionTransition(state, step)?.kind ?? null)

describe('an extension', () => {
  it('registers once, asks for events, and takes one only while it waits', () => {
    expect(kindsAfter({ kind: 'REGISTER' })).toEqual(['REGISTERED', null, null, null, null, null, null, null])
    expect(kindsAfter({ kind: 'NEXT' })).toEqual([null, 'READY', 'READY', 'READY', null, null, null, null])
    expect(kindsAfter({ kind: 'DELIVER' })).toEqual([null, null, 'RUNNING', null, null, null, null, null])
  })

  it('tells an error of its start before it is ready, any other once it has registered, and the first one counts', () => {
    const init = { kind: 'INIT_ERROR', errorType: 'b' } as const
    expect(kindsAfter(init)).toEqual([null, 'INIT_ERROR', null, null, 'INIT_ERROR', null, null, null])
    expect(extensionTransition({ kind: 'INIT_ERROR', errorType: 'a' }, init)).toMatchObject({ errorType: 'a' })
    const exit = { kind: 'EXIT_ERROR', errorType: 'b' } as const
    expect(kindsAfter(exit)).toEqual([null, 'EXIT_ERROR', 'EXIT_ERROR', 'EXIT_ERROR', null, 'EXIT_ERROR', null, null])
  })

  it('ends in whatever state, and what it said before is kept', () => {
    const ended = ['EXITED', 'EXITED', 'EXITED', 'EXITED', 'INIT_ERROR', 'EXIT_ERROR', 'LAUNCH_ERROR', 'EXITED']
    expect(kindsAfter({ kind: 'EXIT' })).toEqual(ended)
  })

  it('has a line in the log of the start', () => {
    expect(extensionLine('x', { kind: 'READY' }, ['INVOKE', 'SHUTDOWN'])).toBe(
      'EXTENSION\tName: x\tState: Ready\tEvents: [INVOKE,SHUTDOWN]',
    )
  })
})
