import type { State } from '../definition/types.ts'
import { type Draft, end, record } from './draft.ts'
import type { Phase, Thread } from './executionState.ts'
import { failState } from './failState.ts'
import { settleEnded, work } from './settle.ts'
import { endWait } from './states/wait.ts'
import { TASK_TIMEOUT, timedOutEvent } from './taskEvents.ts'
import { within } from './within.ts'

/** When a thread has something to do by itself. */
export function duesOf(phase: Phase): number[] {
  switch (phase.kind) {
    case 'ENTERING':
      return [0]
    case 'WAITING':
    case 'RETRYING':
      return [phase.dueAtMs]
    case 'TASK':
      return [phase.task.timeoutAtMs, phase.task.heartbeatAtMs].filter((atMs) => atMs !== null)
    default:
      return []
  }
}

/** Time has passed: does what is due. */
export async function lookAtClock(draft: Draft): Promise<void> {
  const { state, nowMs } = draft
  if (state.deadlineMs !== null && state.deadlineMs <= nowMs) {
    end(draft, 'ExecutionTimedOut', {}, { status: 'TIMED_OUT', error: null, cause: null })
    return
  }
  for (const id of Object.keys(state.threads)) {
    const thread = state.threads[id]
    // An earlier one may have ended it.
    if (thread === undefined) continue
    if (thread.phase.kind === 'ENTERING') draft.ready.push(id)
    else if (duesOf(thread.phase).some((atMs) => atMs <= nowMs)) await due(draft, thread)
    await settleEnded(draft)
  }
}

async function due(draft: Draft, thread: Thread): Promise<void> {
  const { phase } = thread
  switch (phase.kind) {
    case 'WAITING':
      return within(draft, thread, phase.visit, (state) => {
        return endWait(draft, thread, phase.visit, state as Extract<State, { Type: 'Wait' }>)
      })
    case 'RETRYING':
      draft.state.transitions += 1
      return within(draft, thread, phase.visit, (state) => work(draft, thread, phase.visit, state))
    case 'TASK': {
      const event = timedOutEvent(phase.task.order)
      record(draft, thread, event.type, event.details)
      draft.commands.push({ kind: 'CANCEL_TASK', taskId: phase.task.id })
      return within(draft, thread, phase.visit, (state) => failState(draft, thread, phase.visit, state, TASK_TIMEOUT))
    }
    default:
  }
}
