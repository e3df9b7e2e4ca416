import {
  END_SPACE,
  ICON_SPACE,
  NAME_LINE,
  NAME_SIZE,
  PADDING,
  POINT_SPACE,
  SMALL_LINE,
  SMALL_SIZE,
  START_SIZE,
  TAG_HEIGHT,
  tagWidth,
} from './boxes.ts'
import type { DiagramGraph, StateStatus } from './diagramGraph.ts'
import { oneLine } from './labelText.ts'
import { layout, type PlacedCluster, type PlacedEdge, type PlacedGraph, type PlacedNode, type Point } from './layout.ts'
import { coloursOf, NEUTRAL, STATUS_COLOURS } from './palette.ts'
import { iconOf } from './stateIcons.ts'

const MARGIN = 20
const LEGEND_HEIGHT = 34
const CATCH_COLOUR = '#c77700'
const LINE_COLOUR = '#5b6472'

/** A picture that stands alone: no scripts, no styles or fonts from elsewhere. */
export function svg(graph: DiagramGraph, title: string): string {
  const placed = layout(graph)
  const statuses = statusesIn(graph)
  const legend = statuses.length === 0 ? '' : legendOf(statuses)
  const width = Math.ceil(Math.max(placed.width, statuses.length * 110) + 2 * MARGIN)
  const bottom = placed.height + 2 * MARGIN
  const height = Math.ceil(bottom + (legend === '' ? 0 : LEGEND_HEIGHT))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif">`,
    `<title>${escaped(oneLine(title))}</title>`,
    `<defs>${arrowHead('arrow', LINE_COLOUR)}${arrowHead('arrow-catch', CATCH_COLOUR)}</defs>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<g transform="translate(${round((width - placed.width) / 2)} ${MARGIN})">${graphText(placed)}</g>`,
    legend === '' ? '' : `<g transform="translate(${MARGIN} ${round(bottom)})">${legend}</g>`,
    '</svg>',
  ].join('\n')
}

function arrowHead(name: string, colour: string): string {
  return `<marker id="${name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0.5 L8 4 L0 7.5 Z" fill="${colour}"/></marker>`
}

function graphText(graph: PlacedGraph): string {
  // Labels come last: lines that pass must not strike them through.
  return [
    ...graph.edges.map(lineText),
    ...(graph.start === null ? [] : [startText(graph.start)]),
    ...graph.nodes.map(nodeText),
    ...graph.edges.map(labelText),
  ].join('\n')
}

function startText({ x, y }: Point): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${START_SIZE / 2}" fill="${NEUTRAL.text}"/>`
}

function lineText({ edge, points }: PlacedEdge): string {
  const isCatch = edge?.kind === 'catch'
  const colour = isCatch ? CATCH_COLOUR : LINE_COLOUR
  const dashes = isCatch ? ' stroke-dasharray="5 4"' : ''
  return `<path d="${curve(points)}" fill="none" stroke="${colour}" stroke-width="1.4"${dashes} marker-end="url(#${isCatch ? 'arrow-catch' : 'arrow'})"/>`
}

/** A line through all its points, upright in each of them. */
function curve(points: readonly Point[]): string {
  const parts = points.slice(1).map((point, index) => {
    const before = points[index]!
    if (Math.abs(before.x - point.x) < 0.5) return `L${at(point)}`
    const middle = round((before.y + point.y) / 2)
    return `C${round(before.x)} ${middle} ${round(point.x)} ${middle} ${at(point)}`
  })
  return `M${at(points[0]!)} ${parts.join(' ')}`
}

function labelText({ edge, labels, labelAt }: PlacedEdge): string {
  if (labelAt === null || labels.length === 0) return ''
  const colour = edge?.kind === 'catch' ? '#804c00' : '#3b4350'
  const top = labelAt.y - (labels.length * SMALL_LINE) / 2
  return labels
    .map(
      (label, index) =>
        `<text x="${round(labelAt.x)}" y="${round(top + (index + 0.75) * SMALL_LINE)}" text-anchor="middle" font-size="${SMALL_SIZE}" fill="${colour}" stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke">${escaped(label)}</text>`,
    )
    .join('')
}

function nodeText(placed: PlacedNode): string {
  const { node, at: corner, body, header, clusters, tags } = placed
  const colours = coloursOf(node.status)
  const isNested = clusters.length > 0
  const left = (isNested ? 0 : (body.width - header.width) / 2) + PADDING + (node.type === 'Choice' ? POINT_SPACE : 0)
  return [
    `<g transform="translate(${round(corner.x)} ${round(corner.y)})"><title>${escaped(tooltipOf(placed))}</title>`,
    outline(placed),
    `<g transform="translate(${round(left)} ${round(header.height / 2 - 12)})">${iconOf(node.type)}</g>`,
    textLines(placed, left + ICON_SPACE, colours.text),
    ...clusters.map(clusterText),
    node.isEnd ? endText(body.width, header.height / 2, colours.line) : '',
    ...tags.map((tag, index) => tagText(tag, body.width / 2, body.height + index * TAG_HEIGHT)),
    '</g>',
  ].join('')
}

function tooltipOf({ node }: PlacedNode): string {
  return oneLine([node.name, node.type, node.detail, node.status ?? ''].filter((text) => text !== '').join(' · '))
}

function outline({ node, body }: PlacedNode): string {
  const { fill, line } = coloursOf(node.status)
  const { width, height } = body
  // A large field in full colour would outshine the states in it.
  const opacity = node.clusters.length > 0 ? ' fill-opacity="0.5"' : ''
  const looks = `fill="${fill}"${opacity} stroke="${line}" stroke-width="${node.status === null ? 1.3 : 2}"`
  switch (node.type) {
    case 'Choice': {
      const cut = Math.min(14, height / 2)
      return `<path d="M${cut} 0 H${round(width - cut)} L${round(width)} ${round(height / 2)} L${round(width - cut)} ${round(height)} H${cut} L0 ${round(height / 2)} Z" ${looks}/>`
    }
    case 'Wait':
    case 'Succeed':
      return rectangle(width, height, height / 2, looks)
    case 'Fail':
      return rectangle(width, height, 2, looks)
    case 'Pass':
    case 'Task':
    case 'Parallel':
    case 'Map':
      return rectangle(width, height, 7, looks)
  }
}

function rectangle(width: number, height: number, radius: number, looks: string): string {
  return `<rect width="${round(width)}" height="${round(height)}" rx="${round(Math.min(radius, 26))}" ${looks}/>`
}

function textLines({ text, header }: PlacedNode, left: number, colour: string): string {
  const height = text.name.length * NAME_LINE + text.detail.length * SMALL_LINE
  let y = (header.height - height) / 2
  const line = (content: string, size: number, step: number, looks: string) => {
    y += step
    return `<text x="${round(left)}" y="${round(y - step * 0.28)}" font-size="${size}" ${looks}>${escaped(content)}</text>`
  }
  return [
    ...text.name.map((content) => line(content, NAME_SIZE, NAME_LINE, `font-weight="600" fill="${colour}"`)),
    ...text.detail.map((content) => line(content, SMALL_SIZE, SMALL_LINE, `fill="${colour}" fill-opacity="0.8"`)),
  ].join('')
}

function clusterText({ cluster, graph, at: corner, width, height, titleHeight }: PlacedCluster): string {
  const x = (width - graph.width) / 2
  return [
    `<g transform="translate(${round(corner.x)} ${round(corner.y)})">`,
    `<rect width="${round(width)}" height="${round(height)}" rx="6" fill="#ffffff" fill-opacity="0.75" stroke="#9aa3af" stroke-dasharray="2 3"/>`,
    titleHeight === 0
      ? ''
      : `<text x="${PADDING}" y="${SMALL_LINE + 2}" font-size="${SMALL_SIZE}" fill="#6b7280">${escaped(cluster.title)}</text>`,
    `<g transform="translate(${round(x)} ${titleHeight + PADDING})">${graphText(graph)}</g>`,
    '</g>',
  ].join('')
}

/** A target beside what an execution may end at. */
function endText(right: number, y: number, colour: string): string {
  const x = right + END_SPACE - 8
  return `<path d="M${round(right)} ${round(y)} H${round(x - 7)}" stroke="${colour}" stroke-width="1.4"/><circle cx="${round(x)}" cy="${round(y)}" r="6.5" fill="#ffffff" stroke="${colour}" stroke-width="1.4"/><circle cx="${round(x)}" cy="${round(y)}" r="3.2" fill="${colour}"/>`
}

function tagText(tag: PlacedNode['tags'][number], middle: number, top: number): string {
  const width = tagWidth(tag)
  const [fill, colour] = tag.isCatch ? ['#fff7eb', '#804c00'] : ['#f1f3f6', '#3b4350']
  const dashes = tag.isCatch ? ' stroke-dasharray="3 3"' : ''
  return `<rect x="${round(middle - width / 2)}" y="${round(top + 3)}" width="${width}" height="${TAG_HEIGHT - 4}" rx="8" fill="${fill}" stroke="${tag.isCatch ? CATCH_COLOUR : '#c3c9d2'}"${dashes}/><text x="${round(middle)}" y="${round(top + 15)}" text-anchor="middle" font-size="${SMALL_SIZE}" fill="${colour}">${escaped(tag.text)}</text>`
}

function statusesIn(graph: DiagramGraph): StateStatus[] {
  const found = new Set<StateStatus>()
  const visit = ({ nodes }: DiagramGraph) => {
    for (const { status, clusters } of nodes) {
      if (status !== null) found.add(status)
      for (const { graph: inner } of clusters) visit(inner)
    }
  }
  visit(graph)
  return (Object.keys(STATUS_COLOURS) as StateStatus[]).filter((status) => found.has(status))
}

function legendOf(statuses: readonly StateStatus[]): string {
  return statuses
    .map((status, index) => {
      const { fill, line } = STATUS_COLOURS[status]
      const x = index * 110
      return `<rect x="${x}" y="2" width="16" height="12" rx="3" fill="${fill}" stroke="${line}" stroke-width="1.5"/><text x="${x + 22}" y="12" font-size="${SMALL_SIZE}" fill="#3b4350">${status.toLowerCase()}</text>`
    })
    .join('')
}

const at = ({ x, y }: Point) => `${round(x)} ${round(y)}`

/** To a tenth of a pixel: more only makes the text longer. */
function round(value: number): number {
  return Math.round(value * 10) / 10
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!)
}
