import type { Json } from '../data/json.ts'
import type { Catcher, Retrier, State } from '../definition/types.ts'
import { type Draft, draw, record } from './draft.ts'
import { evaluationOf } from './evaluation.ts'
import type { Thread, Visit } from './executionState.ts'
import type { HistoryEventType, StateError } from './historyEvent.ts'
import { inspect } from './inspection.ts'
import { assignedBy, intoInput, leaveState } from './leaveState.ts'
import { matchesError, retryDelayMs } from './retry.ts'

/** What tells that a state has failed for good, where its type has such an event. */
const FAILED_EVENTS: Partial<Record<State['Type'], HistoryEventType>> = {
  Map: 'MapStateFailed',
  Parallel: 'ParallelStateFailed',
}

/**
 * What becomes of a state that has failed: it is tried again, or its catcher takes over, or its thread has failed.
 * Of several retriers the first that is meant counts, also when it has no attempt left.
 */
export async function failState(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: State,
  error: StateError,
  { hasBegun = true } = {},
): Promise<void> {
  const isTask = state.Type === 'Task'
  const retriers: readonly Retrier[] = 'Retry' in state ? (state.Retry ?? []) : []
  const index = retriers.findIndex((retrier) => matchesError(retrier.ErrorEquals, error, isTask))
  const retries = visit.retries[index] ?? 0
  const delayMs = index < 0 ? null : retryDelayMs(retriers[index]!, retries, () => draw(draft))
  const handled = { ...error, retryIndex: index < 0 ? null : index, retryDelayMs: delayMs, catchIndex: null }
  inspect(draft, { handledError: handled })
  if (delayMs !== null) {
    visit.retries[index] = retries + 1
    visit.retryCount += 1
    thread.phase = { kind: 'RETRYING', visit, dueAtMs: draft.nowMs + delayMs }
    draft.abandoned.length = 0
    return
  }
  const failed = FAILED_EVENTS[state.Type]
  if (failed !== undefined && hasBegun) record(draft, thread, failed, null)
  const catchers: readonly Catcher[] = 'Catch' in state ? (state.Catch ?? []) : []
  const catchIndex = catchers.findIndex(({ ErrorEquals }) => matchesError(ErrorEquals, error, isTask))
  const catcher = catchers[catchIndex]
  if (catcher === undefined) {
    thread.phase = { kind: 'FAILED', visit, error, before: thread.phase }
    draft.ready.push(thread.id)
    return
  }
  draft.abandoned.length = 0
  inspect(draft, { handledError: { ...handled, catchIndex } })
  await leaveByCatcher(draft, thread, visit, state, catcher, error)
}

/** A catcher skips the state's OutputPath; what it hands on is the error, or the input with the error in it. */
async function leaveByCatcher(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: State,
  catcher: Catcher,
  { error, cause }: StateError,
): Promise<void> {
  const evaluation = evaluationOf(draft, thread, visit, state)
  const errorOutput = { ...(error === null ? {} : { Error: error }), ...(cause === null ? {} : { Cause: cause }) }
  const template = catcher.Output as Json | undefined
  const output = evaluation.isJsonata
    ? template === undefined
      ? errorOutput
      : await evaluation.jsonata(template, 'Output', { errorOutput })
    : intoInput(visit.input, catcher.ResultPath, errorOutput)
  const assigned = await assignedBy(evaluation, catcher.Assign as Json | undefined, errorOutput, { errorOutput })
  leaveState(draft, thread, visit, state, output, assigned, catcher.Next)
}
