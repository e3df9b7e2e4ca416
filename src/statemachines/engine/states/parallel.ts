import type { Json } from '../../data/json.ts'
import type { ParallelState } from '../../definition/types.ts'
import { type Draft, record, startThread } from '../draft.ts'
import { evaluationOf, throughPath } from '../evaluation.ts'
import type { Phase, Thread, Visit } from '../executionState.ts'
import { leaveWithResult } from '../leaveState.ts'

/** Parallel: one thread for each branch, all with the same input. */
export async function enterParallel(draft: Draft, thread: Thread, visit: Visit, state: ParallelState): Promise<void> {
  const evaluation = evaluationOf(draft, thread, visit, state)
  const input = await (async () => {
    if (evaluation.isJsonata) {
      return state.Arguments === undefined ? visit.input : evaluation.jsonata(state.Arguments as Json, 'Arguments')
    }
    const given = throughPath(evaluation, state.InputPath, visit.input)
    return state.Parameters === undefined ? given : evaluation.template(state.Parameters as Json, given)
  })()
  const previousEventId = record(draft, thread, 'ParallelStateStarted', null)
  const { length } = state.Branches
  thread.phase = {
    kind: 'PARALLEL',
    visit,
    outputs: new Array<Json | undefined>(length).fill(undefined),
    running: length,
  }
  for (let index = 0; index < length; index += 1) {
    const place = [...thread.place, 'States', visit.stateName, 'Branches', index]
    const parent = { threadId: thread.id, index }
    startThread(draft, { place, parent, previousEventId, item: null, input })
  }
}

/** A branch has succeeded; the state is left with the last of them. */
export async function branchSucceeded(
  draft: Draft,
  thread: Thread,
  phase: Extract<Phase, { kind: 'PARALLEL' }>,
  state: ParallelState,
  branch: Thread,
  output: Json,
): Promise<void> {
  phase.outputs[branch.parent!.index] = output
  phase.running -= 1
  thread.previousEventId = branch.previousEventId
  if (phase.running > 0) return
  await endParallel(draft, thread, phase.visit, state, phase.outputs as Json[])
}

/** Leaves the state with what its branches have given. */
export async function endParallel(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: ParallelState,
  outputs: Json,
): Promise<void> {
  record(draft, thread, 'ParallelStateSucceeded', null, { isAside: true })
  const evaluation = evaluationOf(draft, thread, visit, state)
  const { ResultSelector: selector } = state
  const result =
    evaluation.isJsonata || selector === undefined ? outputs : evaluation.template(selector as Json, outputs)
  await leaveWithResult(draft, thread, visit, state, evaluation, result)
}
