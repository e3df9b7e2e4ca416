import type { Page } from '../model/records.ts'

/** A page of `first` items, of which one more was read to know whether there are more. */
export function pageOf<Item>(items: readonly Item[], first: number): Page<Item> {
  return { items: items.slice(0, first), hasNextPage: items.length > first }
}

/** The same page of each function; one more item of each was read. */
export function pagesByFunction<Item extends { readonly functionId: string }>(
  items: readonly Item[],
  functionIds: readonly string[],
  first: number,
): ReadonlyMap<string, Page<Item>> {
  return pagesByOwner(items, functionIds, first, ({ functionId }) => functionId)
}

/** The same page of each owner; one more item of each was read. */
export function pagesByOwner<Item>(
  items: readonly Item[],
  ownerIds: readonly string[],
  first: number,
  ownerOf: (item: Item) => string,
): ReadonlyMap<string, Page<Item>> {
  const groups = new Map<string, Item[]>(ownerIds.map((id) => [id, []]))
  for (const item of items) groups.get(ownerOf(item))?.push(item)
  return new Map([...groups].map(([id, group]) => [id, pageOf(group, first)]))
}
