import { Graph, layout } from '@dagrejs/dagre'
import type { BoxToPlace, LineToPlace, Placement } from './layout.ts'

interface DagreBox {
  readonly x: number
  readonly y: number
}
interface DagreLine {
  readonly points: readonly { readonly x: number; readonly y: number }[]
  readonly x?: number
  readonly y?: number
}

/** Places boxes in layers from top to bottom with few crossings. */
export function dagrePlacement(boxes: readonly BoxToPlace[], lines: readonly LineToPlace[]): Placement {
  const graph = new Graph({ multigraph: true })
  graph.setGraph({ rankdir: 'TB', nodesep: 34, edgesep: 18, ranksep: 40, marginx: 4, marginy: 4 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height })
  for (const [index, { from, to, label }] of lines.entries())
    graph.setEdge(from, to, { ...label, labelpos: 'c' }, String(index))
  layout(graph)
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  return {
    width,
    height,
    boxes: new Map(
      boxes.map(({ id }) => {
        const { x, y } = graph.node(id) as unknown as DagreBox
        return [id, { x, y }]
      }),
    ),
    lines: lines.map(({ from, to, label }, index) => {
      const { points, x, y } = graph.edge(from, to, String(index)) as unknown as DagreLine
      const labelAt = label.width === 0 || x === undefined || y === undefined ? null : { x, y }
      return { points: points.map((point) => ({ x: point.x, y: point.y })), labelAt }
    }),
  }
}
