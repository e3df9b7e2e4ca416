import type { DiagramEdge, DiagramGraph, DiagramNode } from './diagramGraph.ts'
import { fewLabels, shortened } from './labelText.ts'
import { NEUTRAL, STATUS_COLOURS, TYPE_SIGNS } from './palette.ts'

const NAME_LENGTH = 80
const LABEL_LENGTH = 48
const LABELS = 3

/** A Mermaid flowchart. Source: https://mermaid.js.org/syntax/flowchart.html */
export function mermaid(graph: DiagramGraph): string {
  const lines = ['flowchart TD', '  start((" "))', '  finish(((" ")))']
  writeGraph(graph, '  ', lines)
  if (graph.startId !== null) lines.push(`  start --> ${graph.startId}`)
  for (const { id, isEnd, type } of graph.nodes) if (isEnd && type !== 'Fail') lines.push(`  ${id} --> finish`)
  lines.push(
    '  classDef marker fill:#1f2733,stroke:#1f2733,color:#1f2733',
    '  class start,finish marker',
    `  classDef default fill:${NEUTRAL.fill},stroke:${NEUTRAL.line},color:${NEUTRAL.text}`,
    '  classDef nested fill:#f6f7f9,stroke:#9aa3af,color:#1f2733',
  )
  for (const [status, { fill, line, text }] of Object.entries(STATUS_COLOURS))
    lines.push(`  classDef ${status} fill:${fill},stroke:${line},color:${text},stroke-width:2px`)
  writeClasses(graph, lines)
  return `${lines.join('\n')}\n`
}

function writeGraph(graph: DiagramGraph, indent: string, lines: string[]): void {
  for (const node of graph.nodes) {
    if (node.clusters.length === 0) lines.push(`${indent}${node.id}${shapeOf(node)}`)
    else writeNested(node, indent, lines)
  }
  for (const edge of graph.edges) lines.push(`${indent}${edgeText(edge)}`)
}

function writeNested(node: DiagramNode, indent: string, lines: string[]): void {
  lines.push(`${indent}subgraph ${node.id}["${labelOf(node, ', ')}"]`)
  lines.push(`${indent}  direction LR`)
  for (const { id, title, graph } of node.clusters) {
    lines.push(`${indent}  subgraph ${id}["${escaped(title === '' ? ' ' : title)}"]`)
    lines.push(`${indent}    direction TB`)
    if (graph.startId !== null) lines.push(`${indent}    ${id}start((" ")) --> ${graph.startId}`)
    writeGraph(graph, `${indent}    `, lines)
    lines.push(`${indent}  end`)
  }
  lines.push(`${indent}end`)
}

function shapeOf(node: DiagramNode): string {
  const label = `"${labelOf(node)}"`
  switch (node.type) {
    case 'Choice':
      return `{${label}}`
    case 'Wait':
    case 'Succeed':
      return `([${label}])`
    case 'Fail':
      return `{{${label}}}`
    case 'Pass':
      return `(${label})`
    case 'Task':
    case 'Parallel':
    case 'Map':
      return `[${label}]`
  }
}

function labelOf({ type, name, detail, status }: DiagramNode, separator = '<br/>'): string {
  const details = [detail, status ?? ''].filter((text) => text !== '').map((text) => shortened(text, LABEL_LENGTH))
  const title = `${TYPE_SIGNS[type]} ${escaped(shortened(name, NAME_LENGTH))}`
  return details.length === 0 ? title : `${title}${separator}${escaped(details.join(', '))}`
}

function edgeText({ from, to, kind, labels }: DiagramEdge): string {
  const arrow = kind === 'catch' ? '-.->' : '-->'
  if (labels.length === 0) return `${from} ${arrow} ${to}`
  const texts = fewLabels(labels, LABELS).map((label) => escaped(shortened(label, LABEL_LENGTH)))
  return `${from} ${arrow}|"${texts.join('<br/>')}"| ${to}`
}

function writeClasses(graph: DiagramGraph, lines: string[]): void {
  for (const { id, status, clusters } of graph.nodes) {
    if (status !== null) lines.push(`  class ${id} ${status}`)
    else if (clusters.length > 0) lines.push(`  class ${id} nested`)
    for (const { id: clusterId, graph: inner } of clusters) {
      lines.push(`  class ${clusterId} nested`, ...(inner.startId === null ? [] : [`  class ${clusterId}start marker`]))
      writeClasses(inner, lines)
    }
  }
}

/** Every sign that Mermaid or the HTML that it makes could read becomes its number, as does a list's beginning. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N} _.,-]|^-|(?<=^\d+)\./gu, (sign) => `#${sign.codePointAt(0)};`)
}
