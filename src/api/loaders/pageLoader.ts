import DataLoader from 'dataloader'
import type { Page, PageRequest } from '../../model/records.ts'

/** A page of what belongs to one object. */
export interface PageKey<Key> {
  readonly ownerId: string
  readonly page: PageRequest<Key>
}

/**
 * Batches the reads of pages: one statement per distinct page, since a query asks the same page of all the objects in a
 * list, unless it uses aliases.
 */
export function pageLoader<Key, Item>(
  load: (ownerIds: readonly string[], page: PageRequest<Key>) => Promise<ReadonlyMap<string, Page<Item>>>,
) {
  // Positions in event streams are bigints, which JSON does not know.
  const textOf = (_name: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
  const pageText = ({ first, after }: PageRequest<Key>) => JSON.stringify([first, after], textOf)
  return new DataLoader<PageKey<Key>, Page<Item>, string>(
    async (keys) => {
      const groups = new Map<string, { page: PageRequest<Key>; ids: string[] }>()
      for (const { ownerId, page } of keys) {
        const group = groups.get(pageText(page)) ?? { page, ids: [] }
        group.ids.push(ownerId)
        groups.set(pageText(page), group)
      }
      const found = new Map<string, ReadonlyMap<string, Page<Item>>>()
      const loads = [...groups].map(async ([text, { ids, page }]) => found.set(text, await load(ids, page)))
      await Promise.all(loads)
      return keys.map(
        ({ ownerId, page }) => found.get(pageText(page))?.get(ownerId) ?? { items: [], hasNextPage: false },
      )
    },
    { cacheKeyFn: ({ ownerId, page }) => `${ownerId}:${pageText(page)}` },
  )
}
