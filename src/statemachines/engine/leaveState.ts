import type { Json } from '../data/json.ts'
import { setAtReferencePath } from '../data/paths/referencePath.ts'
import type { State } from '../definition/types.ts'
import { type Draft, record, refuseTooMuch } from './draft.ts'
import { type Evaluation, type Seen, throughPath } from './evaluation.ts'
import type { Thread, Variables, Visit } from './executionState.ts'
import { outputDetails } from './historyEvent.ts'
import { inspect } from './inspection.ts'

/** Where a state hands on to; null at the end of its branch. */
export type NextState = string | null

export function nextOf(state: { readonly Next?: string | undefined }): NextState {
  return state.Next ?? null
}

/**
 * Leaves a state: the variables are set, and the thread stands before the next state or has succeeded. Whoever
 * evaluates does so before, with the variables as they were.
 */
export function leaveState(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: State,
  output: Json,
  assigned: Variables | null,
  next: NextState,
): void {
  refuseTooMuch(visit.stateName, output)
  const variables =
    assigned === null || Object.keys(assigned).length === 0
      ? {}
      : { assignedVariables: textByName(assigned), assignedVariablesDetails: { truncated: false } }
  record(draft, thread, exitedEvent(state), { name: visit.stateName, ...outputDetails(output), ...variables })
  thread.variables = { ...thread.variables, ...assigned }
  thread.phase = next === null ? { kind: 'SUCCEEDED', output } : { kind: 'ENTERING', stateName: next, input: output }
  draft.ready.push(thread.id)
}

function textByName(variables: Variables): { [name: string]: string } {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, JSON.stringify(value)]))
}

/** Fail states are never exited. */
function exitedEvent(state: State) {
  if (state.Type === 'Fail') throw new RangeError('a Fail state has no exit')
  return `${state.Type}StateExited` as const
}

/** Leaves a state that has done its work: its result goes the way of the state's query language. */
export async function leaveWithResult(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: Extract<State, { ResultPath?: unknown }>,
  evaluation: Evaluation,
  result: Json,
  seen: Seen = { result },
): Promise<void> {
  const { Assign: assign } = state
  if (evaluation.isJsonata) {
    const fallback = 'result' in seen ? result : visit.input
    const output =
      state.Output === undefined ? fallback : await evaluation.jsonata(state.Output as Json, 'Output', seen)
    const assigned = await assignedBy(evaluation, assign as Json | undefined, visit.input, seen)
    leaveState(draft, thread, visit, state, output, assigned, nextOf(state))
    return
  }
  const combined = intoInput(visit.input, state.ResultPath, result)
  inspect(draft, { afterResultSelector: result, afterResultPath: combined })
  const output = throughPath(evaluation, state.OutputPath, combined)
  const assigned = await assignedBy(evaluation, assign as Json | undefined, result)
  leaveState(draft, thread, visit, state, output, assigned, nextOf(state))
}

/** Leaves a state that hands on its input: Choice, Wait and Succeed. */
export async function leaveWithInput(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: Exclude<State, { Type: 'Fail' }>,
  evaluation: Evaluation,
  input: Json,
  { assign, output: template, next }: { assign: Json | undefined; output: Json | undefined; next: NextState },
): Promise<void> {
  const output = evaluation.isJsonata
    ? template === undefined
      ? input
      : await evaluation.jsonata(template, 'Output')
    : throughPath(evaluation, state.OutputPath, input)
  const assigned = await assignedBy(evaluation, assign, input)
  leaveState(draft, thread, visit, state, output, assigned, next)
}

/** `ResultPath`: null throws the result away. */
export function intoInput(input: Json, resultPath: string | null | undefined, result: Json): Json {
  if (resultPath === null) return input
  return resultPath === undefined || resultPath === '$' ? result : setAtReferencePath(input, resultPath, result)
}

export async function assignedBy(
  evaluation: Evaluation,
  assign: Json | undefined,
  input: Json,
  seen: Seen = {},
): Promise<Variables | null> {
  if (assign === undefined) return null
  const value = evaluation.isJsonata
    ? await evaluation.jsonata(assign, 'Assign', seen)
    : evaluation.template(assign, input)
  return value as Variables
}
