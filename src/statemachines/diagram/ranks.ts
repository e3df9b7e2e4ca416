import type { DiagramGraph } from './diagramGraph.ts'

/**
 * How far from the start each state stands: by the longest way there, loops taken as ways back. States that nothing
 * leads to stand at the top. Linear in states and arrows, and without recursion: machines may be very long.
 */
export function ranksOf(graph: DiagramGraph): ReadonlyMap<string, number> {
  const targets = new Map<string, string[]>(graph.nodes.map(({ id }) => [id, []]))
  for (const { from, to } of graph.edges) targets.get(from)?.push(to)
  const order = topologicalOrder(graph, targets)
  const position = new Map(order.map((id, index) => [id, index]))
  const ranks = new Map(order.map((id) => [id, 0]))
  // An arrow against the order leads back in a loop.
  for (const id of order)
    for (const target of targets.get(id) ?? [])
      if (position.get(target)! > position.get(id)!) ranks.set(target, Math.max(ranks.get(target)!, ranks.get(id)! + 1))
  return ranks
}

/** Reversed order of completion of a depth-first walk. */
function topologicalOrder(graph: DiagramGraph, targets: ReadonlyMap<string, readonly string[]>): string[] {
  const seen = new Set<string>()
  const completed: string[] = []
  const roots = [...(graph.startId === null ? [] : [graph.startId]), ...graph.nodes.map(({ id }) => id)]
  for (const root of roots) {
    if (seen.has(root)) continue
    seen.add(root)
    const path = [{ id: root, next: 0 }]
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const target = targets.get(last.id)?.[last.next]
      last.next += 1
      if (target === undefined) {
        completed.push(last.id)
        path.pop()
      } else if (!seen.has(target)) {
        seen.add(target)
        path.push({ id: target, next: 0 })
      }
    }
  }
  return completed.reverse()
}
