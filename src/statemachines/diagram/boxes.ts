import type { StateType } from '../definition/types.ts'
import type { DiagramEdge, DiagramNode } from './diagramGraph.ts'
import { fewLabels, shortened, widthInEms, wrapped } from './labelText.ts'

/** The sizes of what is drawn, in pixels. */

export const NAME_SIZE = 13
export const SMALL_SIZE = 11
export const NAME_LINE = 17
export const SMALL_LINE = 15
export const ICON_SPACE = 34
export const PADDING = 10
export const TAG_HEIGHT = 20
export const END_SPACE = 30
/** What the points of a Choice's outline take at either side. */
export const POINT_SPACE = 12
export const START_SIZE = 14
const MIN_WIDTH = 130
/** How much wider bold text is, in the widest of the fonts that a viewer may have. */
const BOLD = 1.2
const NAME_CHARACTERS = 28
const NAME_LINES = 3
const DETAIL_CHARACTERS = 44
const TAG_CHARACTERS = 38
const MAX_TAGS = 4
const EDGE_LABEL_CHARACTERS = 34
const EDGE_LABELS = 3

export interface Size {
  readonly width: number
  readonly height: number
}

/** A way to a state that stands too far off for a line: told in words at its beginning. */
export interface Tag {
  readonly text: string
  readonly isCatch: boolean
}

export interface NodeText {
  readonly name: readonly string[]
  readonly detail: readonly string[]
}

export function textOfNode({ name, type, detail, status }: DiagramNode): NodeText {
  return {
    name: wrapped(name, NAME_CHARACTERS, NAME_LINES),
    detail: [
      [type, detail].filter((text) => text !== '').join(' · '),
      ...(status === null ? [] : [status.toLowerCase()]),
    ].map((line) => shortened(line, DETAIL_CHARACTERS)),
  }
}

/** Of the text and the icon, without what may be inside a Parallel or Map. */
export function headerSize({ name, detail }: NodeText, type: StateType): Size {
  const nameWidth = Math.max(...name.map((line) => widthInEms(line) * NAME_SIZE * BOLD))
  const detailWidth = Math.max(...detail.map((line) => widthInEms(line) * SMALL_SIZE * 1.08))
  return {
    width:
      Math.max(MIN_WIDTH, Math.ceil(Math.max(nameWidth, detailWidth)) + ICON_SPACE + 2 * PADDING) +
      (type === 'Choice' ? 2 * POINT_SPACE : 0),
    height: name.length * NAME_LINE + detail.length * SMALL_LINE + 2 * PADDING - 2,
  }
}

export function tagsOf(edges: readonly DiagramEdge[], nameOf: (id: string) => string): Tag[] {
  const tags = edges.map(({ to, kind, labels }) => ({
    text: shortened(`${labels.length > 0 ? `${labels.join(', ')} ` : ''}→ ${nameOf(to)}`, TAG_CHARACTERS),
    isCatch: kind === 'catch',
  }))
  const [, ...rest] = tags.slice(MAX_TAGS - 1)
  if (rest.length === 0) return tags
  return [
    ...tags.slice(0, MAX_TAGS - 1),
    { text: `and ${tags.length - MAX_TAGS + 1} more`, isCatch: rest.every(({ isCatch }) => isCatch) },
  ]
}

export function tagWidth({ text }: Tag): number {
  return Math.ceil(widthInEms(text) * SMALL_SIZE) + 14
}

export function edgeLabelLines({ labels }: DiagramEdge): string[] {
  return fewLabels(labels, EDGE_LABELS).map((label) => shortened(label, EDGE_LABEL_CHARACTERS))
}

export function edgeLabelSize(lines: readonly string[]): Size {
  if (lines.length === 0) return { width: 0, height: 0 }
  return {
    width: Math.ceil(Math.max(...lines.map((line) => widthInEms(line) * SMALL_SIZE))) + 10,
    height: lines.length * SMALL_LINE + 4,
  }
}
