import type { Report } from './diagnostics.ts'
import { graphsIn, stateLocation, targetsOf } from './transitions.ts'
import type { State, StateGraph } from './types.ts'
import { variableOf } from './variableRules.ts'

interface Assignment {
  readonly variable: string
  /** Where in its state. */
  readonly field: string
}

/**
 * Reports variables of a branch or an iteration that are named as one that it can read from outside, which they would
 * seem to set. What the Parallel or Map itself assigns when it is left does not count, unless a loop leads back.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */
export function checkVariableScopes(
  graph: StateGraph,
  location: string,
  outer: ReadonlySet<string>,
  report: Report,
): void {
  const assigned = new Map(Object.entries(graph.States).map(([name, state]) => [name, assignmentsOf(state)]))
  for (const [name, assignments] of assigned)
    for (const { variable, field } of assignments)
      if (outer.has(variable))
        report.error(
          'DUPLICATE_VARIABLE_NAME',
          `The variable name '${variable}' was already defined in a parent scope.`,
          `${stateLocation(location, name)}/${field}`,
        )
  const sources = sourcesOf(graph)
  for (const [name, state] of Object.entries(graph.States)) {
    const inner = graphsIn(state)
    if (inner.length === 0) continue
    const before = [...statesBefore(name, sources)].flatMap((source) => assigned.get(source) ?? [])
    const visible = new Set([...outer, ...before.map(({ variable }) => variable)])
    for (const { graph: within, field } of inner)
      checkVariableScopes(
        within,
        `${stateLocation(location, name)}/${field}`,
        isDistributed(within) ? new Set() : visible,
        report,
      )
  }
}

/** Children of a distributed Map are executions of their own and see no variables from outside. */
function isDistributed(graph: StateGraph): boolean {
  return 'ProcessorConfig' in graph && (graph.ProcessorConfig as { Mode?: unknown }).Mode === 'DISTRIBUTED'
}

/** For each state, those that lead to it at once. */
function sourcesOf(graph: StateGraph): ReadonlyMap<string, readonly string[]> {
  const sources = new Map<string, string[]>()
  for (const [name, state] of Object.entries(graph.States))
    for (const { target } of targetsOf(state)) {
      const known = sources.get(target)
      if (known === undefined) sources.set(target, [name])
      else known.push(name)
    }
  return sources
}

/** Every state that may have been left before a state is entered. */
function statesBefore(name: string, sources: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const before = new Set<string>()
  const waiting = [...(sources.get(name) ?? [])]
  for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
    if (before.has(source)) continue
    before.add(source)
    waiting.push(...(sources.get(source) ?? []))
  }
  return before
}

function assignmentsOf(state: State): Assignment[] {
  const holders: { holder: object; field: string }[] = [{ holder: state, field: 'Assign' }]
  if (state.Type === 'Choice')
    for (const [index, holder] of state.Choices.entries()) holders.push({ holder, field: `Choices[${index}]/Assign` })
  if ('Catch' in state)
    for (const [index, holder] of (state.Catch ?? []).entries())
      holders.push({ holder, field: `Catch[${index}]/Assign` })
  return holders.flatMap(({ holder, field }) =>
    Object.keys((holder as { Assign?: object }).Assign ?? {}).map((key) => ({ variable: variableOf(key), field })),
  )
}
