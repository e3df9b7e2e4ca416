import type { Json, JsonObject } from '../data/json.ts'
import type { QueryLanguage, State, StateGraph, StateMachineDefinition } from '../definition/types.ts'

/** What stays the same as long as an execution runs. */
export interface Machine {
  readonly definition: StateMachineDefinition
  readonly facts: ExecutionFacts
  /** What the execution's random numbers come from. */
  readonly seed: number
  /** A context object that stands for the execution's own: TestState takes one. */
  readonly givenContext?: JsonObject
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

const LONGEST_STANDARD_MS = 365 * 86_400_000
const LONGEST_EXPRESS_MS = 5 * 60_000

/**
 * When an execution that begins now is timed out: by its machine's TimeoutSeconds, and after a year or, where it is an
 * Express one, after five minutes. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export function deadlineAt({ definition, facts }: Machine, nowMs: number): number {
  // The machine's own time is that of the parent where it is a child of a Map Run.
  const givenSeconds = facts.place.length === 0 ? definition.TimeoutSeconds : undefined
  const longestMs = facts.isExpress ? LONGEST_EXPRESS_MS : LONGEST_STANDARD_MS
  return nowMs + Math.min(givenSeconds === undefined ? longestMs : givenSeconds * 1000, longestMs)
}
