import { fieldLocation } from './diagnostics.ts'
import type { MapState, State, StateGraph } from './types.ts'

/** Why an execution goes from one state to another. */
export type TransitionKind = 'next' | 'choice' | 'default' | 'catch'

export interface StateTransition {
  readonly kind: TransitionKind
  readonly target: string
  /** Where in the state the target is written: `Next`, `Choices[0]/Next`, `Default`, `Catch[1]/Next`. */
  readonly field: string
  /** Which choice or catcher it is. */
  readonly index: number
}

/** Where a state may lead, in the order of its fields: next, choices, default, catchers. */
export function targetsOf(state: State): StateTransition[] {
  const targets: StateTransition[] = []
  if ('Next' in state && state.Next !== undefined)
    targets.push({ kind: 'next', target: state.Next, field: 'Next', index: 0 })
  if (state.Type === 'Choice') {
    for (const [index, { Next }] of state.Choices.entries())
      targets.push({ kind: 'choice', target: Next, field: `Choices[${index}]/Next`, index })
    if (state.Default !== undefined)
      targets.push({ kind: 'default', target: state.Default, field: 'Default', index: 0 })
  }
  if ('Catch' in state)
    for (const [index, { Next }] of (state.Catch ?? []).entries())
      targets.push({ kind: 'catch', target: Next, field: `Catch[${index}]/Next`, index })
  return targets
}

/** Under which of its two names a Map has its processor. */
export function processorField(state: MapState): 'ItemProcessor' | 'Iterator' {
  return state.ItemProcessor === undefined ? 'Iterator' : 'ItemProcessor'
}

/** The graphs that a state holds: the branches of a Parallel, the processor of a Map, each with where it is written. */
export function graphsIn(state: State): { readonly graph: StateGraph; readonly field: string }[] {
  if (state.Type === 'Parallel') return state.Branches.map((graph, index) => ({ graph, field: `Branches[${index}]` }))
  if (state.Type !== 'Map') return []
  const field = processorField(state)
  return [{ graph: state[field]!, field }]
}

/** Where a state of a graph is. */
export function stateLocation(graphLocation: string, name: string): string {
  return `${fieldLocation(graphLocation, 'States')}/${name}`
}
