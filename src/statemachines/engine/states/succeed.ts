import type { Json } from '../../data/json.ts'
import type { SucceedState } from '../../definition/types.ts'
import type { Draft } from '../draft.ts'
import { evaluationOf, throughPath } from '../evaluation.ts'
import type { Thread, Visit } from '../executionState.ts'
import { inspect } from '../inspection.ts'
import { leaveWithInput } from '../leaveState.ts'

/** Succeed: the branch ends here. */
export async function enterSucceed(draft: Draft, thread: Thread, visit: Visit, state: SucceedState): Promise<void> {
  const evaluation = evaluationOf(draft, thread, visit, state)
  const input = evaluation.isJsonata ? visit.input : throughPath(evaluation, state.InputPath, visit.input)
  if (!evaluation.isJsonata) inspect(draft, { afterInputPath: input })
  const output = state.Output as Json | undefined
  await leaveWithInput(draft, thread, visit, state, evaluation, input, { assign: undefined, output, next: null })
}
