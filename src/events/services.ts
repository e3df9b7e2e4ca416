import type { Pool } from 'pg'
import type {
  AliasShiftEventRecord,
  InvocationEventRecord,
  LedgerEntryRecord,
  LogEventRecord,
  ThrottleEventRecord,
} from '../model/eventRecords.ts'
import { BEGINNING, type Position, settledBelow } from '../model/position.ts'
import type { Page, PageRequest, Scope } from '../model/records.ts'
import type { Broker } from './broker.ts'
import { readLogPages } from './logPages.ts'
import { createStreamSources } from './sources.ts'
import { type Positioned, readHorizon, type StreamSource } from './streamSource.ts'
import { countThrottles, type ThrottleCountRecord, type ThrottleGrouping } from './throttleCounts.ts'

/** One stream of events: pages of what was, and what comes. */
export interface EventStream<Event> {
  /** Settled events in the order of their positions, oldest first. */
  page(request: PageRequest<Position>): Promise<Page<Event>>
  /** Events behind a position and then live; null: what happens from now on. Ends when the consumer returns. */
  follow(after: Position | null): AsyncIterableIterator<Event>
  /** The same events, several at a time: 1 to 500, about 1 MiB at most. Who follows live is given the same array as all who do. */
  followBatches(after: Position | null): AsyncIterableIterator<readonly Event[]>
}

/** The same page of several streams, by the key of each. */
export type EventPages<Event> = (
  keys: readonly string[],
  request: PageRequest<Position>,
) => Promise<ReadonlyMap<string, Page<Event>>>

/** The streams that the API offers. Whether the caller may see one is the API's business. */
export interface EventServices {
  functionLog(functionId: string): EventStream<LogEventRecord>
  /** Pages of the logs of several functions, by their ids. */
  readonly functionLogPages: EventPages<LogEventRecord>
  /** Pages of the logs of several invocations, by their ids. */
  readonly invocationLogPages: EventPages<LogEventRecord>
  invocationEvents(invocationId: string): EventStream<InvocationEventRecord>
  ledger(scope: Scope): EventStream<LedgerEntryRecord>
  throttles(scope: Scope): EventStream<ThrottleEventRecord>
  /** The shifts of a function's aliases. */
  aliasShifts(functionId: string): EventStream<AliasShiftEventRecord>
  /** See `countThrottles`. */
  throttleCounts(
    scope: Scope,
    from: Date,
    before: Date | null,
    groupBy: ThrottleGrouping,
  ): Promise<ThrottleCountRecord[]>
}

export function createEventServices(pool: Pool, broker: Broker): EventServices {
  const sources = createStreamSources(pool)

  function stream<Event extends Positioned>(source: StreamSource<Event>): EventStream<Event> {
    async function* batches(after: Position | null, signal: AbortSignal) {
      yield* broker.followBatches(source, after ?? settledBelow(await readHorizon(pool)), signal)
    }
    return {
      async page({ first, after }) {
        const { events } = await source.read(after ?? BEGINNING, first + 1)
        return { items: events.slice(0, first), hasNextPage: events.length > first }
      },
      follow: (after) =>
        abortable(async function* (signal) {
          for await (const events of batches(after, signal)) {
            for (const event of events) {
              if (signal.aborted) return
              yield event
            }
          }
        }),
      followBatches: (after) => abortable((signal) => batches(after, signal)),
    }
  }

  return {
    functionLog: (id) => stream(sources.functionLog(id)),
    functionLogPages: (ids, request) => readLogPages(pool, 'function_id', ids, request),
    invocationLogPages: (ids, request) => readLogPages(pool, 'invocation_id', ids, request),
    invocationEvents: (id) => stream(sources.invocationEvents(id)),
    ledger: (scope) => stream(sources.ledger(scope)),
    aliasShifts: (id) => stream(sources.aliasShifts(id)),
    throttles: (scope) => stream(sources.throttles(scope)),
    throttleCounts: (scope, from, before, groupBy) => countThrottles(pool, scope, from, before, groupBy),
  }
}

/**
 * An iterator that ends at once when its consumer returns. A bare async generator would first wait for the event that
 * it is waiting for, which on a quiet stream never comes.
 */
export function abortable<Event>(
  generate: (signal: AbortSignal) => AsyncGenerator<Event, void, void>,
): AsyncIterableIterator<Event> {
  const controller = new AbortController()
  const generator = generate(controller.signal)
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => generator.next(),
    async return() {
      controller.abort()
      await generator.return()
      return { done: true, value: undefined }
    },
  }
}
