import { expect, it } from 'vitest'
import type { StateMachineDefinition } from '../../../src/statemachines/definition/types.ts'
import { machineOf, playMachine } from '../../kit/asl/playMachine.ts'

const pass = { Type: 'Pass', End: true }

/** An endless loop of Pass states. */
const endless = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'A' } } } as StateMachineDefinition

it.each([1, 3, 40, 0])('a Map of 2,000 items, %i at a time, goes through many looks and loses none', async (most) => {
  const definition = {
    StartAt: 'Each',
    States: {
      Each: { Type: 'Map', MaxConcurrency: most, ItemProcessor: { StartAt: 'P', States: { P: pass } }, End: true },
    },
  } as unknown as StateMachineDefinition
  const input = Array.from({ length: 2_000 }, (_, index) => index)
  const { state, history } = await playMachine(machineOf(definition, { input }))
  expect(state.outcome).toEqual({ status: 'SUCCEEDED', output: input })
  expect(history.map(({ id }) => id)).toEqual(history.map((_, index) => index + 1))
})

it('an execution fails when its history has 25,000 events', async () => {
  const { state, history } = await playMachine(machineOf(endless))
  expect(state.outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' })
  expect(history).toHaveLength(25_000)
  expect(history.at(-1)!.type).toBe('ExecutionFailed')
})
