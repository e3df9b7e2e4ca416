import type { Json } from '../../data/json.ts'
import type { PassState } from '../../definition/types.ts'
import type { Draft } from '../draft.ts'
import { evaluationOf, throughPath } from '../evaluation.ts'
import type { Thread, Visit } from '../executionState.ts'
import { inspect } from '../inspection.ts'
import { leaveWithResult } from '../leaveState.ts'

/** Pass: `Result` as it stands, or `Parameters`, or the input. `Result` is never a template, whatever its keys say. */
export async function enterPass(draft: Draft, thread: Thread, visit: Visit, state: PassState): Promise<void> {
  const evaluation = evaluationOf(draft, thread, visit, state)
  if (evaluation.isJsonata) {
    await leaveWithResult(draft, thread, visit, state, evaluation, visit.input, {})
    return
  }
  const input = throughPath(evaluation, state.InputPath, visit.input)
  const given = state.Parameters === undefined ? input : evaluation.template(state.Parameters as Json, input)
  const result = state.Result === undefined ? given : (state.Result as Json)
  inspect(draft, state.Result === undefined ? { afterInputPath: input, afterParameters: given } : { result })
  await leaveWithResult(draft, thread, visit, state, evaluation, result)
}
