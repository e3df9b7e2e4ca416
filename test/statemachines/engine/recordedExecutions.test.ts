import { describe, expect, it } from 'vitest'
import { differences } from '../../kit/asl/matchesRecording.ts'
import { machineOf, playMachine } from '../../kit/asl/playMachine.ts'
import { recordedExecutions } from '../../kit/asl/recordedExecutions.ts'

/** Those that call functions run in test/api, with real ones. */
const alone = recordedExecutions().filter(({ lambdas }) => lambdas === undefined)

describe('an execution gives the outcome and the history that AWS recorded', () => {
  it.each(alone.map((recorded) => [recorded.id, recorded] as const))('%s', async (_id, recorded) => {
    const machine = machineOf(recorded.definition, { input: recorded.input ?? {} })
    const { state, history } = await playMachine(machine)
    const outcome = state.outcome!
    const played =
      outcome.status === 'SUCCEEDED' ? { ...outcome, error: null, cause: null } : { ...outcome, output: null }
    expect(differences(recorded, { ...played, history })).toEqual([])
  })
})
