import { groupBy } from '../../model/grouping.ts'
import type { BoxToPlace, LineToPlace, Placement, Point } from './layout.ts'

const GAP = 34
const LAYER_GAP = 64

/** Places each rank in a row, in the order of the definition: plain, and linear however long a machine is. */
export function columnPlacement(boxes: readonly BoxToPlace[], lines: readonly LineToPlace[]): Placement {
  const rows = [...groupBy(boxes, ({ rank }) => String(rank))].sort(([one], [other]) => Number(one) - Number(other))
  const widthOf = (row: readonly BoxToPlace[]) => row.reduce((sum, { width }) => sum + width + GAP, -GAP)
  const width = rows.reduce((most, [, row]) => Math.max(most, widthOf(row)), 0) + 2 * GAP
  const middles = new Map<string, Point & { layerBottom: number }>()
  const halves = new Map(boxes.map(({ id, height }) => [id, height / 2]))
  let top = 4
  for (const [, row] of rows) {
    const height = row.reduce((most, box) => Math.max(most, box.height), 0)
    let x = (width - widthOf(row)) / 2
    for (const box of row) {
      middles.set(box.id, { x: x + box.width / 2, y: top + box.height / 2, layerBottom: top + height })
      x += box.width + GAP
    }
    top += height + LAYER_GAP
  }
  return {
    width,
    height: Math.max(top - LAYER_GAP + 4, 0),
    boxes: middles,
    lines: lines.map(({ from, to, label }) => {
      const start = middles.get(from)!
      const end = middles.get(to)!
      const direction = end.y >= start.y ? 1 : -1
      const points = [
        { x: start.x, y: start.y + direction * halves.get(from)! },
        { x: end.x, y: end.y - direction * halves.get(to)! },
      ]
      const middle = { x: (points[0]!.x + points[1]!.x) / 2, y: (points[0]!.y + points[1]!.y) / 2 }
      return { points, labelAt: label.width === 0 ? null : middle }
    }),
  }
}
