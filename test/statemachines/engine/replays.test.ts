import { expect, it } from 'vitest'
import { advance, newExecutionState, nextDueAtMs } from '../../../src/statemachines/engine/advance.ts'
import type { ExecutionState } from '../../../src/statemachines/engine/executionState.ts'
import type { HistoryEvent } from '../../../src/statemachines/engine/historyEvent.ts'
import type { Machine } from '../../../src/statemachines/engine/machine.ts'
import type { Stimulus } from '../../../src/statemachines/engine/stimulus.ts'
import { machineOf } from '../../kit/asl/playMachine.ts'
import { recordedExecutions } from '../../kit/asl/recordedExecutions.ts'

interface Step {
  readonly stimulus: Stimulus
  readonly nowMs: number
}

/** Executions that need nobody: what they wait for is time. */
const alone = recordedExecutions().filter(({ definition }) => !/"Task"|DISTRIBUTED/.test(JSON.stringify(definition)))

const throughJson = (state: ExecutionState): ExecutionState => JSON.parse(JSON.stringify(state))

/** Runs an execution, each time with what `keep` makes of its state, and notes what was put in and what came out. */
async function run(machine: Machine, keep: (state: ExecutionState) => ExecutionState) {
  let state = newExecutionState()
  let nowMs = Date.UTC(2026, 10, 20)
  const steps: Step[] = []
  const history: HistoryEvent[] = []
  for (let stimulus: Stimulus = { kind: 'STARTED' }; state.outcome === null; stimulus = { kind: 'CLOCK' }) {
    nowMs = Math.max(nowMs, nextDueAtMs(state) ?? 0)
    steps.push({ stimulus, nowMs })
    history.push(...(await advance(machine, state, stimulus, nowMs)).history)
    state = keep(state)
  }
  return { state, history, steps }
}

it('an execution that is put away as JSON after every step goes on as if it had not been', async () => {
  expect(alone.length).toBeGreaterThan(400)
  for (const { definition, input = {}, id } of alone) {
    const machine = machineOf(definition, { input })
    const kept = await run(machine, (state) => state)
    const putAway = await run(machine, throughJson)
    expect(putAway.history, id).toEqual(kept.history)
    expect(throughJson(putAway.state), id).toEqual(throughJson(kept.state))
  }
})

it('the same stimuli at the same times give the same state and history again, chance included', async () => {
  for (const { definition, input = {}, id } of alone) {
    const machine = machineOf(definition, { input })
    const first = await run(machine, (state) => state)
    const state = newExecutionState()
    const history: HistoryEvent[] = []
    for (const { stimulus, nowMs } of first.steps) {
      history.push(...(await advance(machine, state, stimulus, nowMs)).history)
    }
    expect(history, id).toEqual(first.history)
    expect(state, id).toEqual(first.state)
  }
})

it('what comes after the end changes nothing', async () => {
  const machine = machineOf({ StartAt: 'A', States: { A: { Type: 'Succeed' } } })
  const { state, steps } = await run(machine, throughJson)
  const before = throughJson(state)
  const late: Stimulus[] = [
    { kind: 'CLOCK' },
    { kind: 'TASK_SUCCEEDED', taskId: 1, output: 1 },
    { kind: 'TASK_STARTED', taskId: 1 },
    { kind: 'STOPPED', error: null, cause: null },
    { kind: 'REDRIVEN', redriveCount: 1 },
  ]
  for (const stimulus of late) {
    const { history, commands } = await advance(machine, state, stimulus, steps[0]!.nowMs)
    expect({ history, commands }).toEqual({ history: [], commands: [] })
    expect(throughJson(state)).toEqual(before)
  }
})
