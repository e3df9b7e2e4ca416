import { StateFault } from '../data/fault.ts'
import type { State } from '../definition/types.ts'
import { causeInState, type Draft, end, record } from './draft.ts'
import { ROOT, type Thread, type Visit } from './executionState.ts'
import { failState } from './failState.ts'
import { errorDetails, type StateError } from './historyEvent.ts'
import { queryLanguageOf, stateAt } from './machine.ts'

/** Does something in a state; what its data is wrong with becomes the state's failure. */
export async function within(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  act: (state: State) => void | Promise<void>,
): Promise<void> {
  const state = stateAt(draft.machine, thread.place, visit.stateName)
  try {
    await act(state)
  } catch (fault) {
    if (!(fault instanceof StateFault)) throw fault
    await dataFailed(draft, thread, visit, state, fault)
  }
}

async function dataFailed(draft: Draft, thread: Thread, visit: Visit, state: State, fault: StateFault): Promise<void> {
  const isWhole = fault.error === 'States.DataLimitExceeded' || fault.details.hasWholeCause === true
  const error = { error: fault.error, cause: isWhole ? fault.cause : causeInState(visit, fault.cause) }
  if (fault.error === 'States.Runtime') {
    failExecution(draft, error, thread.previousEventId)
    return
  }
  if (queryLanguageOf(draft.machine, state) === 'JSONata' && fault.error === 'States.QueryEvaluationError') {
    const { location = '', isAfterEvaluation = false } = fault.details ?? {}
    const hasOnlyEntered = thread.previousEventId === visit.enteredEventId && !isAfterEvaluation
    const previousEventId = hasOnlyEntered ? visit.previousEventId : thread.previousEventId
    const details = { ...errorDetails(error), location, state: visit.stateName }
    record(draft, thread, 'EvaluationFailed', details, { previousEventId })
  }
  try {
    await failState(draft, thread, visit, state, error)
  } catch (second) {
    if (!(second instanceof StateFault)) throw second
    // What the catcher itself hands on is wrong: nothing catches that.
    failExecution(draft, { error: second.error, cause: causeInState(visit, second.cause) }, thread.previousEventId)
  }
}

/** Fails the whole execution, whatever catches. */
export function failExecution(draft: Draft, { error, cause }: StateError, previousEventId?: number): void {
  const root = draft.state.threads[ROOT]
  if (root !== undefined && previousEventId !== undefined) root.previousEventId = previousEventId
  end(draft, 'ExecutionFailed', errorDetails({ error, cause }), { status: 'FAILED', error, cause })
}
