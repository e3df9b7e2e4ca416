import type { Json } from '../../../src/statemachines/data/json.ts'
import type { StateMachineDefinition } from '../../../src/statemachines/definition/types.ts'
import { advance, newExecutionState, nextDueAtMs } from '../../../src/statemachines/engine/advance.ts'
import type { Command } from '../../../src/statemachines/engine/command.ts'
import type { ExecutionState } from '../../../src/statemachines/engine/executionState.ts'
import type { HistoryEvent } from '../../../src/statemachines/engine/historyEvent.ts'
import type { ExecutionFacts, Machine } from '../../../src/statemachines/engine/machine.ts'
import { EXCEEDED_TOLERANCE, mapRunVerdict } from '../../../src/statemachines/engine/mapRun.ts'
import type { Stimulus } from '../../../src/statemachines/engine/stimulus.ts'
import { itemInput } from '../../../src/statemachines/mapRun/itemInput.ts'

export type RunTask = Extract<Command, { kind: 'RUN_TASK' }>
type MapRun = Extract<RunTask['order'], { kind: 'MAP_RUN' }>

/** What a task gives, stimulus by stimulus. */
export type Worker = (task: RunTask) => Stimulus[] | Promise<Stimulus[]>

const noWorker: Worker = ({ order }) => {
  throw new Error(`nobody does ${JSON.stringify(order).slice(0, 200)}`)
}

export function machineOf(definition: StateMachineDefinition, facts: Partial<ExecutionFacts> = {}): Machine {
  return {
    definition,
    seed: 7,
    facts: {
      executionArn: 'arn:aws:states:us-east-1:111111111111:execution:machine:run',
      name: 'run',
      input: {},
      roleArn: 'arn:aws:iam::111111111111:role/role',
      startedAtMs: 0,
      redriveCount: 0,
      stateMachineArn: 'arn:aws:states:us-east-1:111111111111:stateMachine:machine',
      stateMachineName: 'machine',
      accountId: '111111111111',
      region: 'us-east-1',
      isExpress: false,
      place: [],
      item: null,
      variables: {},
      ...facts,
    },
  }
}

/** Runs an execution to its end by the pure engine alone; time passes where everything waits. */
export async function playMachine(
  machine: Machine,
  { worker = noWorker, startMs = Date.UTC(2026, 10, 20) }: { worker?: Worker; startMs?: number } = {},
): Promise<{ state: ExecutionState; history: HistoryEvent[]; nowMs: number }> {
  const state = newExecutionState()
  const history: HistoryEvent[] = []
  const stimuli: Stimulus[] = [{ kind: 'STARTED' }]
  let nowMs = startMs
  while (state.outcome === null) {
    const stimulus = stimuli.shift() ?? { kind: 'CLOCK' }
    if (stimulus.kind === 'CLOCK') nowMs = Math.max(nowMs, nextDueAtMs(state) ?? Number.POSITIVE_INFINITY)
    if (nowMs === Number.POSITIVE_INFINITY) throw new Error('the execution waits for nothing')
    const taken = await advance(machine, state, stimulus, nowMs)
    history.push(...taken.history)
    for (const command of taken.commands) {
      if (command.kind === 'CANCEL_TASK') continue
      const { order, taskId } = command
      const given = order.kind === 'MAP_RUN' ? await playMapRun(machine, order, taskId, worker) : await worker(command)
      stimuli.push(...given)
    }
  }
  return { state, history, nowMs }
}

async function playMapRun(machine: Machine, order: MapRun, taskId: number, worker: Worker): Promise<Stimulus[]> {
  const outputs: Json[] = []
  let failed = 0
  for (const [index, value] of order.items!.entries()) {
    const input = await itemInput(order, index, value)
    const facts = { ...machine.facts, input, place: order.place, item: { index, value }, variables: order.variables }
    const { state } = await playMachine({ ...machine, facts }, { worker })
    if (state.outcome?.status === 'SUCCEEDED') outputs.push(state.outcome.output)
    else failed += 1
  }
  const verdict = mapRunVerdict({ succeeded: outputs.length, failed, total: order.items!.length }, order)
  return verdict === 'SUCCEEDED'
    ? [{ kind: 'TASK_SUCCEEDED', taskId, output: outputs }]
    : [{ kind: 'TASK_FAILED', taskId, failure: { kind: 'FAILED', ...EXCEEDED_TOLERANCE } }]
}
