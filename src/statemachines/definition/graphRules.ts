import { fieldLocation, type Report } from './diagnostics.ts'
import { graphsIn, stateLocation, targetsOf } from './transitions.ts'
import type { State, StateGraph, StateMachineDefinition } from './types.ts'
import { checkVariableScopes } from './variableScopes.ts'

/**
 * What only the whole machine shows: targets that do not exist, states that nothing leads to, names given twice.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-transitions.html
 */

const MAX_LABEL_LENGTH = 40

/** Reports the faults of a machine whose shape is right. */
export function checkGraphs(machine: StateMachineDefinition, report: Report): void {
  checkGraph(machine, '/', true, report)
  const names = new Set<string>()
  const labels = new Set<string>()
  forEachState(machine, '/', (state, name, location) => {
    if (names.has(name)) report.error('DUPLICATE_STATE_NAME', `Duplicate State name: ${name}`, location)
    names.add(name)
    if (state.Type === 'Map' && state.Label !== undefined) checkLabel(state.Label, labels, location, report)
  })
  checkVariableScopes(machine, '/', new Set(), report)
}

function checkGraph(graph: StateGraph, location: string, isMachine: boolean, report: Report): void {
  const missing = (target: string, at: string) => {
    if (!Object.hasOwn(graph.States, target))
      report.error('MISSING_TRANSITION_TARGET', `Missing 'Next' target: ${target}`, at)
  }
  missing(graph.StartAt, fieldLocation(location, 'StartAt'))
  const states = Object.entries(graph.States)
  for (const [name, state] of states)
    for (const { target, field } of targetsOf(state)) missing(target, `${stateLocation(location, name)}/${field}`)
  // Endless loops are refused at the top only; and where nothing ends, AWS says nothing of what is not reached.
  if (isMachine && !states.some(([, state]) => isTerminal(state)))
    report.error('MISSING_END_STATE', 'Workflow has no terminal state', null)
  else reportUnreached(graph, location, report)
  for (const [name, state] of states)
    for (const { graph: inner, field } of graphsIn(state))
      checkGraph(inner, `${stateLocation(location, name)}/${field}`, false, report)
}

function reportUnreached(graph: StateGraph, location: string, report: Report): void {
  const reached = new Set<string>()
  const waiting = [graph.StartAt]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name) || !Object.hasOwn(graph.States, name)) continue
    reached.add(name)
    for (const { target } of targetsOf(graph.States[name]!)) waiting.push(target)
  }
  for (const name of Object.keys(graph.States))
    if (!reached.has(name))
      report.error('MISSING_TRANSITION_TARGET', `State "${name}" is not reachable.`, stateLocation(location, name))
}

function isTerminal(state: State): boolean {
  return state.Type === 'Succeed' || state.Type === 'Fail' || ('End' in state && state.End === true)
}

function forEachState(
  graph: StateGraph,
  location: string,
  visit: (state: State, name: string, location: string) => void,
): void {
  for (const [name, state] of Object.entries(graph.States)) {
    const at = stateLocation(location, name)
    visit(state, name, at)
    for (const inner of graphsIn(state)) forEachState(inner.graph, `${at}/${inner.field}`, visit)
  }
}

function checkLabel(label: string, labels: Set<string>, location: string, report: Report): void {
  const at = `${location}/Label`
  if ([...label].length > MAX_LABEL_LENGTH)
    report.error(
      'INVALID_LABEL_NAME',
      `Label '${label}' exceeds the ${MAX_LABEL_LENGTH}-character limit allowed by the service`,
      at,
    )
  if (labels.has(label)) report.error('DUPLICATE_LABEL_NAME', `Duplicate Label name: ${label}`, at)
  labels.add(label)
}
