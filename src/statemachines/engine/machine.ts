import type { Json } from '../data/json.ts'
import type { QueryLanguage, State, StateGraph, StateMachineDefinition } from '../definition/types.ts'

/** What stays the same as long as an execution runs. */
export interface Machine {
  readonly definition: StateMachineDefinition
  readonly facts: ExecutionFacts
  /** What the execution's random numbers come from. */
  readonly seed: number
}

/** What the context object says of an execution and its state machine. */
export interface ExecutionFacts {
  readonly executionArn: string
  readonly name: string
  readonly input: Json
  readonly roleArn: string
  readonly startedAtMs: number
  readonly redriveCount: number
  readonly stateMachineArn: string
  readonly stateMachineName: string
  readonly accountId: string
  readonly region: string
  readonly isExpress: boolean
  /** Where the states of the execution are, from the top of the definition: not empty in a child of a distributed Map. */
  readonly place: readonly (string | number)[]
  /** The item of a distributed Map that a child execution is for. */
  readonly item: { readonly index: number; readonly value: Json } | null
  /** The variables that a child of a distributed Map can read. */
  readonly variables: { readonly [name: string]: Json }
}

/** What is at a place of the definition that has states. */
export function graphAt(machine: Machine, place: readonly (string | number)[]): StateGraph {
  let found: unknown = machine.definition
  for (const step of place) found = (found as Record<string | number, unknown>)[step]
  return found as StateGraph
}

/** A state by its name. Definitions are checked when they are created, so that it is there. */
export function stateAt(machine: Machine, place: readonly (string | number)[], name: string): State {
  const state = graphAt(machine, place).States[name]
  if (state === undefined) throw new RangeError(`there is no state ${name}`)
  return state
}

export function queryLanguageOf(machine: Machine, state: State): QueryLanguage {
  return state.QueryLanguage ?? machine.definition.QueryLanguage ?? 'JSONPath'
}
