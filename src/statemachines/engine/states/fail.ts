import { StateFault } from '../../data/fault.ts'
import { evaluateIntrinsic } from '../../data/intrinsics/evaluateIntrinsic.ts'
import type { Json } from '../../data/json.ts'
import type { FailState } from '../../definition/types.ts'
import type { Draft } from '../draft.ts'
import { type Evaluation, evaluationOf, unexpectedType } from '../evaluation.ts'
import type { Thread, Visit } from '../executionState.ts'

/** Fail: the branch has failed with the error and the cause that are given, if any. */
export async function enterFail(draft: Draft, thread: Thread, visit: Visit, state: FailState): Promise<void> {
  const evaluation = evaluationOf(draft, thread, visit, state)
  const error = await textOf(evaluation, visit, 'Error', state.Error, state.ErrorPath)
  const cause = await textOf(evaluation, visit, 'Cause', state.Cause, state.CausePath)
  thread.phase = { kind: 'FAILED', visit, error: { error, cause }, before: thread.phase }
  draft.ready.push(thread.id)
}

async function textOf(
  evaluation: Evaluation,
  visit: Visit,
  field: 'Error' | 'Cause',
  given: string | undefined,
  path: string | undefined,
): Promise<string | null> {
  if (path !== undefined) {
    const value: Json = path.startsWith('States.')
      ? evaluateIntrinsic(path, evaluation.scope(visit.input))
      : evaluation.path(path, visit.input)
    if (typeof value === 'string') return value
    throw new StateFault('States.Runtime', `The ${field}Path field must reference a string: ${path}`)
  }
  if (given === undefined || !evaluation.isJsonata) return given ?? null
  const value = await evaluation.jsonata(given, field)
  if (typeof value === 'string') return value
  throw unexpectedType(given, field, 'string', value)
}
