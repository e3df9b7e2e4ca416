import type { Page } from './records.ts'

/** Items by a key, in their order. */
export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

/** Pages by a key, of items that were read with one more than a page has. */
export function pagesBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  first: number,
): Map<string, Page<Item>> {
  const groups = groupBy(items, keyOf)
  return new Map(
    [...groups].map(([key, group]) => [key, { items: group.slice(0, first), hasNextPage: group.length > first }]),
  )
}
