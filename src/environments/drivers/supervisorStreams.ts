import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { SupervisorStreams } from '../extensions/supervisor.ts'
import { EXTENSIONS_DESCRIPTOR, REPORTS_DESCRIPTOR } from './contract.ts'

/** The streams of a child that supervises others. Who writes to one that has just ended hears of its end elsewhere. */
export function supervisorStreams(child: ChildProcess): SupervisorStreams {
  const streams: readonly unknown[] = child.stdio
  const orders = streams[0] as Writable
  const reports = streams[REPORTS_DESCRIPTOR] as Readable
  const output = streams[EXTENSIONS_DESCRIPTOR] as Readable
  for (const stream of [orders, reports, output]) stream.on('error', () => undefined)
  return { orders, reports, output }
}
