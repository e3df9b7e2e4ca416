/**
 * Where an event stands in its stream: the transaction that wrote it, then its sequence number. Positions order events
 * in a way that never changes once the transaction is settled: see src/events/README.md.
 */
export interface Position {
  readonly transactionId: bigint
  readonly sequence: bigint
}

/** Before everything. */
export const BEGINNING: Position = { transactionId: 0n, sequence: 0n }

/** Negative when `a` is before `b`, positive when behind, 0 when they are the same. */
export function comparePositions(a: Position, b: Position): number {
  if (a.transactionId !== b.transactionId) return a.transactionId < b.transactionId ? -1 : 1
  if (a.sequence !== b.sequence) return a.sequence < b.sequence ? -1 : 1
  return 0
}

/** An opaque cursor of a position. */
export function encodeCursor(position: Position): string {
  return Buffer.from(`${position.transactionId}.${position.sequence}`, 'latin1').toString('base64url')
}

/** The position of a cursor; the empty cursor is the beginning. Null for a text that is no cursor. */
export function decodeCursor(cursor: string): Position | null {
  if (cursor === '') return BEGINNING
  const match = /^(\d{1,18})\.(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))
  return match === null ? null : { transactionId: BigInt(match[1]!), sequence: BigInt(match[2]!) }
}

/** Behind every event of the transactions below `horizon`, before every other one. */
export function settledBelow(horizon: bigint): Position {
  return { transactionId: horizon - 1n, sequence: 2n ** 62n }
}
