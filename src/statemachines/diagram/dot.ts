import type { DiagramEdge, DiagramGraph, DiagramNode } from './diagramGraph.ts'
import { fewLabels, oneLine, shortened } from './labelText.ts'
import { coloursOf, TYPE_SIGNS } from './palette.ts'

const NAME_LENGTH = 80
const LABEL_LENGTH = 48
const LABELS = 3

const SHAPES = {
  Task: 'box',
  Wait: 'oval',
  Pass: 'box',
  Succeed: 'oval',
  Fail: 'octagon',
  Choice: 'diamond',
  Parallel: 'plain',
  Map: 'plain',
} as const

/** A Graphviz graph. Source: https://graphviz.org/doc/info/lang.html */
export function dot(graph: DiagramGraph): string {
  const lines = [
    'digraph stateMachine {',
    '  graph [compound=true, rankdir=TB, fontname="Helvetica", nodesep=0.4, ranksep=0.5]',
    '  node [fontname="Helvetica", fontsize=12, style="filled,rounded", margin="0.2,0.1"]',
    '  edge [fontname="Helvetica", fontsize=10, color="#5b6472"]',
    '  start [shape=circle, style=filled, fillcolor="#1f2733", label="", width=0.2]',
    '  finish [shape=doublecircle, style=filled, fillcolor="#1f2733", label="", width=0.15]',
  ]
  writeGraph(graph, '  ', lines)
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const first = graph.startId === null ? undefined : nodes.get(graph.startId)
  if (first !== undefined) lines.push(`  start -> ${first.id}${attributes(headOf(first))}`)
  for (const node of graph.nodes)
    if (node.isEnd && node.type !== 'Fail') lines.push(`  ${exitOf(node)} -> finish${attributes(tailOf(node))}`)
  lines.push('}')
  return `${lines.join('\n')}\n`
}

function writeGraph(graph: DiagramGraph, indent: string, lines: string[]): void {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  for (const node of graph.nodes) {
    if (node.clusters.length === 0) lines.push(`${indent}${node.id}${attributes(looksOf(node))}`)
    else writeNested(node, indent, lines)
  }
  for (const edge of graph.edges) {
    const from = nodes.get(edge.from)!
    const to = nodes.get(edge.to)!
    lines.push(
      `${indent}${exitOf(from)} -> ${to.id}${attributes([...looksOfEdge(edge), ...tailOf(from), ...headOf(to)])}`,
    )
  }
}

/** Arrows cannot start or end at a cluster: a title at its top and a point at its bottom stand in for it. */
function writeNested(node: DiagramNode, indent: string, lines: string[]): void {
  const { fill, line } = coloursOf(node.status)
  lines.push(`${indent}subgraph cluster_${node.id} {`)
  lines.push(`${indent}  graph [style="filled,rounded", fillcolor="${fill}", color="${line}", label=""]`)
  lines.push(`${indent}  ${node.id}${attributes(looksOf(node))}`)
  lines.push(`${indent}  ${exitOf(node)} [shape=point, style=invis, width=0.01, label=""]`)
  for (const { id, title, graph } of node.clusters) {
    lines.push(`${indent}  subgraph cluster_${id} {`)
    lines.push(
      `${indent}    graph [style="dashed,rounded", color="#9aa3af", fontsize=10, fontcolor="#6b7280", label="${escaped(title)}"]`,
    )
    writeGraph(graph, `${indent}    `, lines)
    lines.push(`${indent}  }`)
    if (graph.startId !== null) lines.push(`${indent}  ${node.id} -> ${graph.startId} [style=dotted, arrowsize=0.6]`)
    for (const inner of graph.nodes)
      if (inner.isEnd) lines.push(`${indent}  ${exitOf(inner)} -> ${exitOf(node)} [style=invis]`)
  }
  lines.push(`${indent}}`)
}

function exitOf({ id, clusters }: DiagramNode): string {
  return clusters.length === 0 ? id : `${id}exit`
}

function headOf({ id, clusters }: DiagramNode): string[] {
  return clusters.length === 0 ? [] : [`lhead=cluster_${id}`]
}

function tailOf({ id, clusters }: DiagramNode): string[] {
  return clusters.length === 0 ? [] : [`ltail=cluster_${id}`]
}

function looksOf({ type, name, detail, status }: DiagramNode): string[] {
  const { fill, line, text } = coloursOf(status)
  const details = [detail, status ?? ''].filter((part) => part !== '').map((part) => shortened(part, LABEL_LENGTH))
  const lines = [
    `${TYPE_SIGNS[type]} ${shortened(name, NAME_LENGTH)}`,
    ...(details.length > 0 ? [details.join(', ')] : []),
  ]
  return [
    `shape=${SHAPES[type]}`,
    `label="${lines.map(escaped).join('\\n')}"`,
    `tooltip="${escaped(oneLine(name))}"`,
    `fillcolor="${fill}"`,
    `color="${line}"`,
    `fontcolor="${text}"`,
  ]
}

function looksOfEdge({ kind, labels }: DiagramEdge): string[] {
  const style = kind === 'catch' ? ['style=dashed', 'color="#c77700"', 'fontcolor="#804c00"'] : []
  const texts = fewLabels(labels, LABELS).map((label) => escaped(shortened(label, LABEL_LENGTH)))
  return texts.length === 0 ? style : [...style, `label="${texts.join('\\n')}"`]
}

function attributes(all: readonly string[]): string {
  return all.length === 0 ? '' : ` [${all.join(', ')}]`
}

/** Inside quotes, a backslash begins an escape and an ampersand an entity, wherever they come from. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;')
}
