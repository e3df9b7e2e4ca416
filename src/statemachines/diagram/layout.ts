import { groupBy } from '../../model/grouping.ts'
import {
  END_SPACE,
  edgeLabelLines,
  edgeLabelSize,
  headerSize,
  type NodeText,
  PADDING,
  type Size,
  SMALL_LINE,
  START_SIZE,
  TAG_HEIGHT,
  type Tag,
  tagsOf,
  tagWidth,
  textOfNode,
} from './boxes.ts'
import { columnPlacement } from './columnPlacement.ts'
import { dagrePlacement } from './dagrePlacement.ts'
import {
  countNodes,
  type DiagramCluster,
  type DiagramEdge,
  type DiagramGraph,
  type DiagramNode,
} from './diagramGraph.ts'
import { ranksOf } from './ranks.ts'

/** Where everything of a graph stands, from its own upper left corner. */
export interface PlacedGraph extends Size {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
  /** The middle of the mark where it starts. */
  readonly start: Point | null
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface PlacedNode {
  readonly node: DiagramNode
  readonly text: NodeText
  /** The upper left corner of its body; the tags hang below it. */
  readonly at: Point
  readonly body: Size
  readonly header: Size
  readonly tags: readonly Tag[]
  readonly clusters: readonly PlacedCluster[]
}

export interface PlacedCluster extends Size {
  readonly cluster: DiagramCluster
  /** From the upper left corner of the body that it is in. */
  readonly at: Point
  readonly titleHeight: number
  readonly graph: PlacedGraph
}

export interface PlacedEdge {
  readonly edge: DiagramEdge | null
  readonly points: readonly Point[]
  readonly labels: readonly string[]
  /** The middle of the labels. */
  readonly labelAt: Point | null
}

/** What a way of placing is given and gives: boxes and lines between them. */
export interface BoxToPlace extends Size {
  readonly id: string
  readonly rank: number
}
export interface LineToPlace {
  readonly from: string
  readonly to: string
  readonly label: Size
}
export interface Placement extends Size {
  /** The middles of the boxes, which all hang from the top of their layer, and how far down that layer goes. */
  readonly boxes: ReadonlyMap<string, Point & { readonly layerBottom: number }>
  /** In the order of the lines. */
  readonly lines: readonly { readonly points: readonly Point[]; readonly labelAt: Point | null }[]
}

/** Longer lines are hard to follow, and cost the library the most time: they become tags. */
const LONGEST_LINE = 5
/** Up to here the library takes some tenths of a second; beyond, the time grows fast and its recursion deep. */
const MOST_FOR_LIBRARY = 400
const ROW_WIDTH = 1_400
const CLUSTER_GAP = 14
const SIDE_INSET = 22
const START = 'start'

export function layout(graph: DiagramGraph): PlacedGraph {
  return place(graph, countNodes(graph) <= MOST_FOR_LIBRARY ? dagrePlacement : columnPlacement)
}

type Placing = (boxes: readonly BoxToPlace[], lines: readonly LineToPlace[]) => Placement

function place(graph: DiagramGraph, placing: Placing): PlacedGraph {
  const ranks = ranksOf(graph)
  const isShort = ({ from, to }: DiagramEdge) => Math.abs(ranks.get(to)! - ranks.get(from)!) <= LONGEST_LINE
  const edges = graph.edges.filter((edge) => edge.from !== edge.to && isShort(edge))
  const told = groupBy(
    graph.edges.filter((edge) => edge.from === edge.to || !isShort(edge)),
    ({ from }) => from,
  )
  const names = new Map(graph.nodes.map(({ id, name }) => [id, name]))
  const sized = graph.nodes.map((node) =>
    sizedNode(
      node,
      tagsOf(told.get(node.id) ?? [], (id) => names.get(id)!),
      placing,
    ),
  )
  const boxes = sized.map(({ node, body, tags }) => ({
    id: node.id,
    rank: ranks.get(node.id)! + 1,
    ...boxOf(node, body, tags),
  }))
  const labels = edges.map(edgeLabelLines)
  const lines = edges.map(({ from, to }, index) => ({ from, to, label: edgeLabelSize(labels[index]!) }))
  const hasStart = graph.startId !== null
  const placed = placing(
    hasStart ? [{ id: START, rank: 0, width: START_SIZE, height: START_SIZE }, ...boxes] : boxes,
    hasStart ? [{ from: START, to: graph.startId, label: { width: 0, height: 0 } }, ...lines] : lines,
  )
  const labelled = hasStart ? [[], ...labels] : labels
  const nodes = new Map(
    sized.map((node, index) => {
      const middle = placed.boxes.get(node.node.id)!
      const corner = { x: middle.x - node.body.width / 2, y: middle.y - boxes[index]!.height / 2 }
      return [node.node.id, { ...node, at: corner }]
    }),
  )
  return {
    width: placed.width,
    height: placed.height,
    start: placed.boxes.get(START) ?? null,
    nodes: [...nodes.values()],
    edges: placed.lines.map(({ points, labelAt }, index) => {
      const edge = edges[hasStart ? index - 1 : index] ?? null
      const from = edge === null ? undefined : nodes.get(edge.from)
      const to = nodes.get(edge === null ? graph.startId! : edge.to)
      const bottomOf = (id: string) => placed.boxes.get(id)!.layerBottom
      return { edge, points: attached(points, from, to, bottomOf), labels: labelled[index]!, labelAt }
    }),
  }
}

/**
 * A line's ends moved from the room that a node takes to the upper or lower side of its body. Below a body that is
 * shorter than its layer it goes straight to the layer's end, so as not to bend into a taller neighbour.
 */
function attached(
  points: readonly Point[],
  from: PlacedNode | undefined,
  to: PlacedNode | undefined,
  bottomOf: (id: string) => number,
): Point[] {
  const isDown = points.at(-1)!.y >= points[0]!.y
  const ends = (node: PlacedNode | undefined, point: Point, isUpper: boolean): Point[] => {
    if (node === undefined) return [point]
    const end = onSide(node, point, isUpper)
    const bottom = bottomOf(node.node.id)
    // A last part without length would leave an arrow's head without direction.
    return isUpper || bottom - end.y < 1 ? [end] : [end, { x: end.x, y: bottom }]
  }
  return [...ends(from, points[0]!, !isDown), ...points.slice(1, -1), ...ends(to, points.at(-1)!, isDown).reverse()]
}

function onSide({ at, body }: PlacedNode, { x }: Point, isUpper: boolean): Point {
  const inset = Math.min(SIDE_INSET, body.width / 2)
  return {
    x: Math.min(Math.max(x, at.x + inset), at.x + body.width - inset),
    y: isUpper ? at.y : at.y + body.height,
  }
}

/** A node takes the room of its body, of the tags below it, and of the mark of an end at its right. */
function boxOf(node: DiagramNode, body: Size, tags: readonly Tag[]): Size {
  return {
    width: Math.max(body.width + (node.isEnd ? 2 * END_SPACE : 0), ...tags.map(tagWidth)),
    height: body.height + tags.length * TAG_HEIGHT,
  }
}

function sizedNode(node: DiagramNode, tags: readonly Tag[], placing: Placing): Omit<PlacedNode, 'at'> {
  const text = textOfNode(node)
  const header = headerSize(text, node.type)
  const { clusters, width, height } = clustersInRows(node.clusters, header.height, placing)
  const body = { width: Math.max(header.width, width), height: Math.max(header.height, height) }
  return { node, text, header, body, tags, clusters }
}

function clustersInRows(clusters: readonly DiagramCluster[], top: number, placing: Placing) {
  let x = CLUSTER_GAP
  let y = top
  let rowHeight = 0
  let width = 0
  const placed: PlacedCluster[] = []
  for (const cluster of clusters) {
    const graph = place(cluster.graph, placing)
    const titleHeight = cluster.title === '' ? 0 : SMALL_LINE + 6
    const size = { width: Math.max(graph.width, 90) + 2 * PADDING, height: graph.height + titleHeight + 2 * PADDING }
    if (x > CLUSTER_GAP && x + size.width > ROW_WIDTH) {
      x = CLUSTER_GAP
      y += rowHeight + CLUSTER_GAP
      rowHeight = 0
    }
    placed.push({ cluster, graph, titleHeight, at: { x, y }, ...size })
    x += size.width + CLUSTER_GAP
    width = Math.max(width, x)
    rowHeight = Math.max(rowHeight, size.height)
  }
  return { clusters: placed, width, height: placed.length === 0 ? 0 : y + rowHeight + CLUSTER_GAP }
}
