import { decodeCursor, encodeCursor, type Position } from '../../model/position.ts'
import type { Page } from '../../model/records.ts'
import { type CursorCodec, connectionOf } from '../connection.ts'

/** Cursors of event streams and of their pages: they are the same, so that a page can be followed by a subscription. */
export const eventCursors: CursorCodec<Position> = { encode: encodeCursor, decode: decodeCursor }

/** A page of events as a connection without edges: each event has its own cursor. */
export function eventConnection<Event extends { readonly position: Position }>(page: Page<Event>) {
  const { nodes, pageInfo } = connectionOf(page, ({ position }) => encodeCursor(position))
  return { nodes, pageInfo }
}
