import { UserFault } from '../errors.ts'
import type { Page, PageRequest } from '../model/records.ts'

/** Items of a page at most. */
export const PAGE_LIMIT = 100
/** Items of a page where none are asked for. */
export const PAGE_DEFAULT = 50

/** How the key of a connection's items becomes an opaque cursor. Cursors of one connection mean nothing to another. */
export interface CursorCodec<Key> {
  encode(key: Key): string
  /** Null for what is no cursor of this connection. */
  decode(cursor: string): Key | null
}

/** Cursors of connections in the order of names. `connection` tells them from those of other connections. */
export function nameCursors(connection: string): CursorCodec<string> {
  const prefix = `${connection}:`
  return {
    encode: (name) => Buffer.from(prefix + name).toString('base64url'),
    decode(cursor) {
      const text = Buffer.from(cursor, 'base64url').toString()
      return text.startsWith(prefix) && text.length > prefix.length ? text.slice(prefix.length) : null
    },
  }
}

/** Cursors of connections in the order of UUIDs. */
export function uuidCursors(connection: string): CursorCodec<string> {
  const names = nameCursors(connection)
  return {
    encode: names.encode,
    decode(cursor) {
      const text = names.decode(cursor)
      return text !== null && UUID.test(text) ? text : null
    },
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Cursors of connections in the order of whole, positive 32-bit numbers. */
export function numberCursors(connection: string): CursorCodec<number> {
  const names = nameCursors(connection)
  return {
    encode: (number) => names.encode(String(number)),
    decode(cursor) {
      const text = names.decode(cursor)
      if (text === null || !/^[1-9]\d{0,9}$/.test(text)) return null
      return Number(text) < 2 ** 31 ? Number(text) : null
    },
  }
}

/** What a connection's field is asked for. */
export interface PageArguments {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
}

/**
 * Which page a field is asked for. `after: ""` is the very beginning, as in subscriptions. Throws a UserFault for a
 * `first` outside of 1 to 100 and for a cursor that is not one of this connection's.
 */
export function pageRequest<Key>(request: PageArguments, cursors: CursorCodec<Key>): PageRequest<Key> {
  const first = pageSize(request.first)
  if (request.after === undefined || request.after === null || request.after === '') return { first, after: null }
  const after = cursors.decode(request.after)
  if (after === null) {
    const message = 'The cursor is not one of this connection. Please pass the endCursor of an earlier page of it.'
    throw new UserFault('INVALID_PARAMETER_VALUE', message, ['after'])
  }
  return { first, after }
}

/** The number of items that a page is asked for. Throws a UserFault outside of 1 to 100. */
export function pageSize(first: number | null | undefined): number {
  const size = first ?? PAGE_DEFAULT
  if (size >= 1 && size <= PAGE_LIMIT) return size
  const message = `A page has 1 to ${PAGE_LIMIT} items, not ${size}. Please go on with more pages.`
  throw new UserFault('INVALID_PARAMETER_VALUE', message, ['first'])
}

/** A page as a Relay connection. */
export function connectionOf<Item>(page: Page<Item>, cursorOf: (item: Item) => string) {
  const edges = page.items.map((node) => ({ cursor: cursorOf(node), node }))
  return {
    edges,
    nodes: [...page.items],
    pageInfo: {
      hasNextPage: page.hasNextPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}
