import { graphsIn, type TransitionKind, targetsOf } from '../definition/transitions.ts'
import {
  isDistributed,
  queryLanguageOf,
  type State,
  type StateGraph,
  type StateMachineDefinition,
  type StateType,
} from '../definition/types.ts'
import { conditionText } from './conditionText.ts'
import { detailOf } from './stateDetail.ts'

/** What became of a state in an execution; RUNNING also where only some of its iterations run. */
export type StateStatus = 'SUCCEEDED' | 'FAILED' | 'RUNNING' | 'CAUGHT' | 'ABORTED'

/** By name, which is unique in a machine. */
export type StateStatuses = Readonly<Record<string, StateStatus>>

/** What every format draws: states and arrows, with ids that are ours, since names are anyone's. */
export interface DiagramGraph {
  readonly startId: string | null
  readonly nodes: readonly DiagramNode[]
  readonly edges: readonly DiagramEdge[]
}

export interface DiagramNode {
  readonly id: string
  readonly name: string
  readonly type: StateType
  /** What it does, in a few words; empty where its type says it all. */
  readonly detail: string
  readonly status: StateStatus | null
  /** Whether an execution may end here. */
  readonly isEnd: boolean
  /** The branches of a Parallel, the processor of a Map. */
  readonly clusters: readonly DiagramCluster[]
}

export interface DiagramCluster {
  readonly id: string
  /** Empty where there is but one. */
  readonly title: string
  readonly graph: DiagramGraph
}

export interface DiagramEdge {
  readonly from: string
  readonly to: string
  readonly kind: TransitionKind
  /** Conditions or names of errors; several where several rules lead to the same state. */
  readonly labels: readonly string[]
}

export function diagramGraph(machine: StateMachineDefinition, statuses: StateStatuses): DiagramGraph {
  let count = 0
  const nextId = (prefix: string) => {
    count += 1
    return `${prefix}${count}`
  }
  return graphOf(machine, machine, statuses, nextId)
}

function graphOf(
  graph: StateGraph,
  machine: StateMachineDefinition,
  statuses: StateStatuses,
  nextId: (prefix: string) => string,
): DiagramGraph {
  const states = Object.entries(graph.States)
  const ids = new Map(states.map(([name]) => [name, nextId('s')]))
  const nodes = states.map(([name, state]): DiagramNode => {
    const inner = graphsIn(state)
    return {
      id: ids.get(name)!,
      name,
      type: state.Type,
      detail: detailOf(state),
      status: Object.hasOwn(statuses, name) ? statuses[name]! : null,
      isEnd: state.Type === 'Succeed' || state.Type === 'Fail' || ('End' in state && state.End === true),
      clusters: inner.map(({ graph: within }, index) => ({
        id: nextId('c'),
        title: clusterTitle(state, index, inner.length),
        graph: graphOf(within, machine, statuses, nextId),
      })),
    }
  })
  return {
    startId: ids.get(graph.StartAt) ?? null,
    nodes,
    edges: states.flatMap(([name, state]) => edgesOf(ids.get(name)!, state, queryLanguageOf(machine, state), ids)),
  }
}

function clusterTitle(state: State, index: number, count: number): string {
  if (state.Type === 'Map') return isDistributed(state) ? 'Child executions' : 'For each item'
  return count === 1 ? '' : `Branch ${index + 1}`
}

function edgesOf(
  from: string,
  state: State,
  language: 'JSONPath' | 'JSONata',
  ids: ReadonlyMap<string, string>,
): DiagramEdge[] {
  const edges = new Map<string, { kind: TransitionKind; to: string; labels: string[] }>()
  for (const { kind, target, index } of targetsOf(state)) {
    const to = ids.get(target)
    if (to === undefined) continue
    const label = labelOf(state, kind, index, language)
    const known = edges.get(`${kind} ${to}`)
    if (known === undefined) edges.set(`${kind} ${to}`, { kind, to, labels: label === '' ? [] : [label] })
    else if (label !== '') known.labels.push(label)
  }
  return [...edges.values()].map(({ kind, to, labels }) => ({ from, to, kind, labels }))
}

function labelOf(state: State, kind: TransitionKind, index: number, language: 'JSONPath' | 'JSONata'): string {
  if (kind === 'default') return 'Default'
  if (kind === 'choice' && state.Type === 'Choice') return conditionText(state.Choices[index]!, language)
  if (kind === 'catch' && 'Catch' in state) return (state.Catch?.[index]?.ErrorEquals ?? []).join(', ')
  return ''
}

/** How many states there are, those within others included. */
export function countNodes(graph: DiagramGraph): number {
  return graph.nodes.reduce(
    (count, { clusters }) => count + 1 + clusters.reduce((inner, cluster) => inner + countNodes(cluster.graph), 0),
    0,
  )
}
