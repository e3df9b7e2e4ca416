import type { StateMachineDefinition } from '../definition/types.ts'
import { diagramGraph, type StateStatuses } from './diagramGraph.ts'
import { dot } from './dot.ts'
import { mermaid } from './mermaid.ts'
import { svg } from './svg.ts'

export const DIAGRAM_FORMATS = ['MERMAID', 'SVG', 'DOT'] as const
export type DiagramFormat = (typeof DIAGRAM_FORMATS)[number]

/**
 * Draws a machine that has passed validation, and with the statuses of its states an execution of it. States stand in
 * layers from top to bottom; Parallel and Map hold their own graphs; the ways of catchers are dashed. Names and
 * expressions are anyone's text: none of it is ever read as markup.
 */
export function diagram(
  definition: StateMachineDefinition,
  format: DiagramFormat,
  statuses: StateStatuses = {},
): string {
  const graph = diagramGraph(definition, statuses)
  switch (format) {
    case 'MERMAID':
      return mermaid(graph)
    case 'SVG':
      return svg(graph, definition.Comment ?? 'State machine')
    case 'DOT':
      return dot(graph)
  }
}
