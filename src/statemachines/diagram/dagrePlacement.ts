import { Graph, layout } from '@dagrejs/dagre'
import type { BoxToPlace, LineToPlace, Placement, Point } from './layout.ts'

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
  const layers = layersOf(graph, boxes)
  return {
    width,
    height,
    boxes: new Map(
      boxes.map((box) => {
        const { x, y } = graph.node(box.id) as unknown as DagreBox
        const { top, bottom } = layers.get(y)!
        return [box.id, { x, y: top + box.height / 2, layerBottom: bottom }]
      }),
    ),
    lines: lines.map(({ from, to, label }, index) => {
      const { points, x, y } = graph.edge(from, to, String(index)) as unknown as DagreLine
      const labelAt = label.width === 0 || x === undefined || y === undefined ? null : { x, y }
      return { points: straightThrough([...layers.values()], points), labelAt }
    }),
  }
}

interface Layer {
  readonly top: number
  readonly bottom: number
}

/** By the height of the middles, which the boxes of a layer share. */
function layersOf(graph: Graph, boxes: readonly BoxToPlace[]): ReadonlyMap<number, Layer> {
  const layers = new Map<number, Layer>()
  for (const { id, height } of boxes) {
    const { y } = graph.node(id) as unknown as DagreBox
    const { top, bottom } = layers.get(y) ?? { top: y, bottom: y }
    layers.set(y, { top: Math.min(top, y - height / 2), bottom: Math.max(bottom, y + height / 2) })
  }
  return layers
}

/** A line bends between layers only: inside of one it could cut through a tall box. */
function straightThrough(layers: readonly Layer[], points: readonly DagreBox[]): Point[] {
  const isDown = points.at(-1)!.y >= points[0]!.y
  return points.flatMap(({ x, y }, index) => {
    const layer = layers.find(({ top, bottom }) => top < y && y < bottom)
    if (layer === undefined || index === 0 || index === points.length - 1) return [{ x, y }]
    const through = [
      { x, y: layer.top },
      { x, y: layer.bottom },
    ]
    return isDown ? through : through.reverse()
  })
}
