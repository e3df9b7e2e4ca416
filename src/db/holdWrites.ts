import type { Duplex } from 'node:stream'
import type { Client } from 'pg'

/**
 * Sends what is queried on a pipelined connection until the present turn of the event loop is over, promises that are
 * settled by then included, in one write. Each write is a system call, and wakes the server up: with a dozen of short
 * statements in a transaction they cost more than the statements.
 */
export function holdWrites(client: Client): void {
  // Not in pg's types; pg corks the same stream around the messages of each statement.
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection
  stream.cork()
  process.nextTick(() => stream.uncork())
}
