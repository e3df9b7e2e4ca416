import type { Json } from '../data/json.ts'
import type { MapState, TaskState } from '../definition/types.ts'
import { type Draft, record } from './draft.ts'
import type { Phase, Thread } from './executionState.ts'
import { failState } from './failState.ts'
import { stateAt } from './machine.ts'
import { endMap } from './states/map.ts'
import { endTask } from './states/task.ts'
import type { TaskFailure } from './stimulus.ts'
import { failedEvent, succeededEvent } from './taskEvents.ts'
import { within } from './within.ts'

type TaskPhase = Extract<Phase, { kind: 'TASK' }>

export async function withTask(
  draft: Draft,
  taskId: number,
  act: (thread: Thread, phase: TaskPhase) => void | Promise<void>,
): Promise<void> {
  for (const thread of Object.values(draft.state.threads)) {
    if (thread.phase.kind === 'TASK' && thread.phase.task.id === taskId) return act(thread, thread.phase)
  }
}

export async function taskSucceeded(draft: Draft, thread: Thread, phase: TaskPhase, output: Json): Promise<void> {
  const { visit, task } = phase
  const state = stateAt(draft.machine, thread.place, visit.stateName)
  const tooMuch = task.order.kind === 'MAP_RUN' ? null : tooMuchFrom(state as TaskState, output)
  if (tooMuch !== null) return taskFailed(draft, thread, phase, tooMuch)
  const event = succeededEvent(task.order, output)
  record(draft, thread, event.type, event.details)
  await within(draft, thread, visit, async () => {
    if (task.order.kind === 'MAP_RUN') await endMap(draft, thread, visit, state as MapState, output)
    else await endTask(draft, thread, visit, state as TaskState, output)
  })
}

function tooMuchFrom(state: TaskState, output: Json): TaskFailure | null {
  if (Buffer.byteLength(JSON.stringify(output)) <= 262_144) return null
  const cause = `The state/task '${state.Resource}' returned a result with a size exceeding the maximum number of bytes service limit.`
  return { kind: 'FAILED', error: 'States.DataLimitExceeded', cause }
}

export async function taskFailed(draft: Draft, thread: Thread, phase: TaskPhase, failure: TaskFailure): Promise<void> {
  const { visit, task } = phase
  const event = failedEvent(task.order, failure)
  record(draft, thread, event.type, event.details)
  const { error, cause } = failure
  await within(draft, thread, visit, (state) => failState(draft, thread, visit, state, { error, cause }))
}
