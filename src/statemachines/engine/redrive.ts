import type { Draft } from './draft.ts'
import type { Phase, Thread } from './executionState.ts'
import { deadlineAt } from './machine.ts'

/**
 * Takes up an execution that ended badly: what had succeeded stays, what had not is done again with the same input, and
 * with all its retries. Changes nothing where the execution did not end badly.
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export function redrive(draft: Draft, redriveCount: number): void {
  const { state, machine, nowMs } = draft
  if (state.redrivable === null) return
  const previousEventId = state.lastEventId
  state.lastEventId += 1
  draft.history.push({
    id: state.lastEventId,
    previousEventId,
    type: 'ExecutionRedriven',
    timestampMs: nowMs,
    details: { redriveCount },
  })
  state.outcome = null
  state.threads = state.redrivable
  state.redrivable = null
  state.deadlineMs = deadlineAt(machine, nowMs)
  for (const thread of Object.values(state.threads)) {
    thread.previousEventId = state.lastEventId
    thread.phase = takenUp(thread, nowMs)
    if (thread.phase.kind === 'ENTERING') draft.ready.push(thread.id)
  }
}

function takenUp({ phase }: Thread, nowMs: number): Phase {
  const unfinished = phase.kind === 'FAILED' ? phase.before : phase
  // Their branches and iterations are threads of their own.
  if (unfinished.kind === 'PARALLEL' || unfinished.kind === 'MAP' || unfinished.kind === 'ENTERING') return unfinished
  if (!('visit' in unfinished)) return unfinished
  const visit = { ...unfinished.visit, retries: [], retryCount: 0 }
  return { kind: 'RETRYING', visit, dueAtMs: nowMs }
}
