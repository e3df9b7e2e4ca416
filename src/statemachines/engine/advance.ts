import { duesOf, lookAtClock } from './clock.ts'
import type { Command } from './command.ts'
import { type Draft, end, HistoryIsFull, record, startAt } from './draft.ts'
import { type ExecutionState, type PendingTask, ROOT } from './executionState.ts'
import { errorDetails, type HistoryEvent, inputDetails, type StateError } from './historyEvent.ts'
import { deadlineAt, type Machine } from './machine.ts'
import { redrive } from './redrive.ts'
import { settle } from './settle.ts'
import type { Stimulus } from './stimulus.ts'
import { startedEvent, submittedEvent } from './taskEvents.ts'
import { isInvocation } from './taskOrder.ts'
import { taskFailed, taskSucceeded, withTask } from './taskStimuli.ts'
import { failExecution } from './within.ts'

/** What comes of a stimulus: history and commands are to be made durable together, before any command is carried out. */
export interface Advance {
  readonly history: readonly HistoryEvent[]
  readonly commands: readonly Command[]
  /** Whether there is more to do at once: give it a CLOCK. */
  readonly isUnfinished: boolean
}

/** An execution that has not begun. */
export function newExecutionState(): ExecutionState {
  return {
    lastEventId: 0,
    lastThreadId: 0,
    lastTaskId: 0,
    transitions: 0,
    drawn: 0,
    threads: {},
    deadlineMs: null,
    outcome: null,
    redrivable: null,
  }
}

/**
 * Takes an execution as far as it goes until it must wait for somebody. Changes `state` in place; the same machine,
 * state, stimulus and time give the same state, history and commands again. A stimulus that no longer fits, such as the
 * result of a task that has timed out, changes nothing.
 */
export async function advance(
  machine: Machine,
  state: ExecutionState,
  stimulus: Stimulus,
  nowMs: number,
): Promise<Advance> {
  const draft: Draft = { machine, state, nowMs, history: [], commands: [], ready: [], abandoned: [] }
  if (state.outcome === null || stimulus.kind === 'REDRIVEN') {
    try {
      await apply(draft, stimulus)
      await settle(draft)
    } catch (fault) {
      if (!(fault instanceof HistoryIsFull)) throw fault
      const error = {
        error: 'States.Runtime',
        cause: 'The execution reached the maximum number of history events (25000).',
      }
      failExecution(draft, error)
    }
  }
  return { history: draft.history, commands: draft.commands, isUnfinished: draft.ready.length > 0 }
}

/** The next time at which the execution has something to do by itself; null where it waits for others only. */
export function nextDueAtMs(state: ExecutionState): number | null {
  const times = Object.values(state.threads).flatMap(({ phase }) => duesOf(phase))
  if (state.deadlineMs !== null) times.push(state.deadlineMs)
  return times.length === 0 ? null : Math.min(...times)
}

async function apply(draft: Draft, stimulus: Stimulus): Promise<void> {
  switch (stimulus.kind) {
    case 'STARTED':
      return start(draft)
    case 'CLOCK':
      return lookAtClock(draft)
    case 'STOPPED':
      return stop(draft, stimulus)
    case 'REDRIVEN':
      return redrive(draft, stimulus.redriveCount)
    case 'TASK_STARTED':
      return withTask(draft, stimulus.taskId, (thread, { task }) => {
        if (task.status !== 'SCHEDULED') return
        task.status = 'STARTED'
        const event = startedEvent(task.order, stimulus.workerName ?? null)
        const invocationId = isInvocation(task.order) ? stimulus.requestId : undefined
        if (event !== null) record(draft, thread, event.type, event.details, { invocationId })
      })
    case 'TASK_SUBMITTED':
      return withTask(draft, stimulus.taskId, (thread, { task }) => {
        task.status = 'SUBMITTED'
        const event = submittedEvent(task.order, stimulus.output)
        if (event !== null) record(draft, thread, event.type, event.details)
        if (task.early !== undefined) return apply(draft, task.early)
      })
    case 'TASK_HEARTBEAT':
      return withTask(draft, stimulus.taskId, (_, { task }) => {
        if (task.heartbeatMs !== null) task.heartbeatAtMs = draft.nowMs + task.heartbeatMs
      })
    case 'TASK_SUCCEEDED':
      return withTask(draft, stimulus.taskId, (thread, phase) => {
        if (isEarly(phase.task, stimulus)) phase.task.early = stimulus
        else return taskSucceeded(draft, thread, phase, stimulus.output)
      })
    case 'TASK_FAILED':
      return withTask(draft, stimulus.taskId, (thread, phase) => {
        if (isEarly(phase.task, stimulus)) phase.task.early = stimulus
        else return taskFailed(draft, thread, phase, stimulus.failure)
      })
  }
}

/** What waits for its end hears of it by message, which may overtake the answer that it has begun. */
function isEarly({ order, status }: PendingTask, stimulus: Stimulus): boolean {
  if (order.kind !== 'SERVICE' || status === 'SUBMITTED') return false
  const isRefused = stimulus.kind === 'TASK_FAILED' && stimulus.failure.kind !== 'FAILED'
  return (order.pattern === 'SYNC' || order.pattern === 'SYNC_2') && !isRefused
}

function start(draft: Draft): void {
  const { machine, state } = draft
  const { facts } = machine
  state.lastEventId = 1
  draft.history.push({
    id: 1,
    previousEventId: 0,
    type: 'ExecutionStarted',
    timestampMs: draft.nowMs,
    details: { ...inputDetails(facts.input), roleArn: facts.roleArn },
  })
  state.deadlineMs = deadlineAt(machine, draft.nowMs)
  const place = [...facts.place]
  state.threads[ROOT] = {
    id: ROOT,
    place,
    parent: null,
    previousEventId: 0,
    variables: {},
    item: null,
    phase: { kind: 'ENTERING', stateName: startAt(machine, place), input: facts.input },
  }
  draft.ready.push(ROOT)
}

function stop(draft: Draft, { error, cause }: StateError): void {
  end(draft, 'ExecutionAborted', errorDetails({ error, cause }), { status: 'ABORTED', error, cause })
}
