import { StateFault } from '../../data/fault.ts'
import type { Json } from '../../data/json.ts'
import type { TaskState } from '../../definition/types.ts'
import { type Draft, draw, record } from '../draft.ts'
import { type Evaluation, evaluationOf, numberOf, throughPath } from '../evaluation.ts'
import type { PendingTask, Thread, Visit } from '../executionState.ts'
import { inspect } from '../inspection.ts'
import { leaveWithResult } from '../leaveState.ts'
import { scheduledEvent } from '../taskEvents.ts'
import { type ParsedResource, parseResource, type TaskOrder } from '../taskOrder.ts'

/** Task: asks for the work. `TASK_...` stimuli tell what became of it. */
export async function enterTask(draft: Draft, thread: Thread, visit: Visit, state: TaskState): Promise<void> {
  const resource = parseResource(state.Resource)
  if (resource === null) {
    throw new StateFault('States.Runtime', `The resource provided ${state.Resource} is not recognized.`)
  }
  const token = hasToken(resource) ? newToken(draft) : null
  const evaluation = evaluationOf(draft, thread, visit, state, { token })
  const input = evaluation.isJsonata ? visit.input : throughPath(evaluation, state.InputPath, visit.input)
  if (!evaluation.isJsonata) inspect(draft, { afterInputPath: input })
  const timeoutSeconds = await numberOf(
    evaluation,
    'TimeoutSeconds',
    state.TimeoutSeconds,
    state.TimeoutSecondsPath,
    input,
  )
  const heartbeatSeconds = await numberOf(
    evaluation,
    'HeartbeatSeconds',
    state.HeartbeatSeconds,
    state.HeartbeatSecondsPath,
    input,
  )
  const parameters = await parametersOf(evaluation, state, input)
  inspect(draft, evaluation.isJsonata ? { afterArguments: parameters } : { afterParameters: parameters })
  startTask(draft, thread, visit, orderOf(resource, parameters, timeoutSeconds, heartbeatSeconds), token)
}

/** Schedules a task: it is recorded, begins to be waited for, and is asked for once this is durable. */
export function startTask(draft: Draft, thread: Thread, visit: Visit, order: TaskOrder, token: string | null): void {
  draft.state.lastTaskId += 1
  const heartbeatMs = 'heartbeatSeconds' in order ? secondsToMs(order.heartbeatSeconds) : null
  const timeoutMs = 'timeoutSeconds' in order ? secondsToMs(order.timeoutSeconds) : null
  const task: PendingTask = {
    id: draft.state.lastTaskId,
    order,
    status: 'SCHEDULED',
    token,
    timeoutAtMs: timeoutMs === null ? null : draft.nowMs + timeoutMs,
    heartbeatMs,
    heartbeatAtMs: heartbeatMs === null ? null : draft.nowMs + heartbeatMs,
  }
  const { type, details } = scheduledEvent(order, draft.machine.facts.region)
  record(draft, thread, type, details)
  thread.phase = { kind: 'TASK', visit, task }
  draft.commands.push({ kind: 'RUN_TASK', taskId: task.id, token, order })
}

/** Leaves the state with what the task has given. */
export async function endTask(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: TaskState,
  given: Json,
): Promise<void> {
  inspect(draft, { result: given })
  const evaluation = evaluationOf(draft, thread, visit, state)
  const { ResultSelector: selector } = state
  const result = evaluation.isJsonata || selector === undefined ? given : evaluation.template(selector as Json, given)
  await leaveWithResult(draft, thread, visit, state, evaluation, result)
}

async function parametersOf(evaluation: Evaluation, state: TaskState, input: Json): Promise<Json> {
  if (evaluation.isJsonata) {
    return state.Arguments === undefined ? input : await evaluation.jsonata(state.Arguments as Json, 'Arguments')
  }
  return state.Parameters === undefined ? input : evaluation.template(state.Parameters as Json, input)
}

function orderOf(
  resource: ParsedResource,
  parameters: Json,
  timeoutSeconds: number | null,
  heartbeatSeconds: number | null,
): TaskOrder {
  switch (resource.kind) {
    case 'FUNCTION':
      return { ...resource, input: parameters, timeoutSeconds }
    case 'ACTIVITY':
      return { ...resource, input: parameters, timeoutSeconds, heartbeatSeconds }
    case 'SERVICE':
      return { ...resource, parameters, timeoutSeconds, heartbeatSeconds }
  }
}

function hasToken(resource: ParsedResource): boolean {
  return resource.kind === 'ACTIVITY' || (resource.kind === 'SERVICE' && resource.pattern === 'WAIT_FOR_TASK_TOKEN')
}

/** Names the execution and the task; the rest keeps anybody from guessing it. */
function newToken(draft: Draft): string {
  const secret = Array.from({ length: 4 }, () => Math.floor(draw(draft) * 2 ** 32).toString(36)).join('.')
  const text = `${draft.machine.facts.executionArn} ${draft.state.lastTaskId + 1} ${secret}`
  return Buffer.from(text).toString('base64url')
}

const secondsToMs = (seconds: number | null) => (seconds === null ? null : seconds * 1000)
