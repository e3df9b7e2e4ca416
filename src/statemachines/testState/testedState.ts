import { UserFault } from '../../errors.ts'
import { createStateMachineError } from '../definition/createStateMachineError.ts'
import type { Diagnostic } from '../definition/diagnostics.ts'
import { processorField } from '../definition/transitions.ts'
import type { State, StateGraph, StateMachineDefinition } from '../definition/types.ts'
import { validateDefinition, validateState } from '../definition/validateDefinition.ts'

/** A state to be tested, in a machine that holds it. */
export interface TestedState {
  readonly definition: StateMachineDefinition
  /** From the top of the definition to the object that has the state among its `States`. */
  readonly place: (string | number)[]
  readonly name: string
  readonly state: State
}

/** What a state is called that is given without a name, as recorded. */
const NAMELESS = 'StateName'

/**
 * The state that a request means: the definition itself, or one by its name in a state machine, however deep. Throws a
 * UserFault in AWS's words where the definition has errors.
 */
export function testedState(text: string, stateName: string | null): TestedState {
  if (stateName === null) {
    const { diagnostics, state } = validateState(text, { type: 'STANDARD' })
    if (state === null) throw invalidDefinition(diagnostics)
    return { definition: { StartAt: NAMELESS, States: { [NAMELESS]: state } }, place: [], name: NAMELESS, state }
  }
  const { diagnostics, definition } = validateDefinition(text, { type: 'STANDARD' })
  if (definition === null) throw invalidDefinition(diagnostics)
  const found = findState(definition, stateName, [])
  if (found !== null) return { definition, name: stateName, ...found }
  const message = `State '${stateName}' does not exist in the state machine definition`
  throw new UserFault('VALIDATION', message, ['input', 'stateName'])
}

/** A state of a graph or of the graphs in its states, and where it is; null where there is none of that name. */
export function findState(
  graph: StateGraph,
  name: string,
  place: readonly (string | number)[],
): { readonly place: (string | number)[]; readonly state: State } | null {
  if (Object.hasOwn(graph.States, name)) return { place: [...place], state: graph.States[name]! }
  for (const [outer, state] of Object.entries(graph.States)) {
    const found = findInside(state, name, [...place, 'States', outer])
    if (found !== null) return found
  }
  return null
}

/** A state inside a Map or Parallel; `place` is that of the Map or Parallel itself. */
export function findInside(state: State, name: string, place: readonly (string | number)[]) {
  for (const [graph, ...steps] of graphsOf(state)) {
    const found = findState(graph, name, [...place, ...steps])
    if (found !== null) return found
  }
  return null
}

function graphsOf(state: State): [graph: StateGraph, ...steps: (string | number)[]][] {
  if (state.Type === 'Parallel') return state.Branches.map((graph, index) => [graph, 'Branches', index])
  if (state.Type !== 'Map') return []
  const field = processorField(state)
  return [[state[field]!, field]]
}

function invalidDefinition(diagnostics: readonly Diagnostic[]): UserFault {
  return new UserFault('INVALID_DEFINITION', createStateMachineError(diagnostics)!.message, ['input', 'definition'])
}
