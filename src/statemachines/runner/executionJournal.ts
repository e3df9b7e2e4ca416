import type { Client } from 'pg'
import { type PricedExecution, priceExecutions, transitionCounts } from '../../billing/priceExecutions.ts'
import { addSpending } from '../../billing/sql/addSpending.ts'
import { countTransitions } from '../../billing/sql/countTransitions.ts'
import { insertExecutionEntries } from '../../billing/sql/insertExecutionEntries.ts'
import { sumSpending } from '../../billing/sumSpending.ts'
import { type BatchWritten, createGroupCommit } from '../../db/groupCommit.ts'
import { holdWrites } from '../../db/holdWrites.ts'
import { settleAll } from '../../db/settleAll.ts'
import type { RowsStatement } from '../../db/unnest.ts'
import { PlatformFault } from '../../errors.ts'
import { announceTopics, encodeTopics, topics } from '../../events/topics.ts'
import type { ExecutionEntry, ExecutionMove, NextOfExecution } from './executionEntry.ts'
import { beyondLimit, openChanges, openLimitFault } from './openExecutions.ts'
import { countItems, type ItemCount } from './sql/countItems.ts'
import { countOpenExecutions } from './sql/countOpenExecutions.ts'
import { deleteMessages, insertMessages, wakeExecutions } from './sql/inbox.ts'
import { insertDefinitions } from './sql/insertDefinitions.ts'
import { insertExecutionEvents } from './sql/insertExecutionEvents.ts'
import { insertExecutions } from './sql/insertExecutions.ts'
import { endExecutions, moveExecutions, restExecutions } from './sql/moveExecutions.ts'
import { deleteStimuli, insertStimuli } from './sql/stimuli.ts'
import { deleteTaskTokens, insertActivityTasks, insertTaskTokens } from './sql/taskTokens.ts'

/** The execution is another node's now, or over: nothing was written. */
export class ExecutionLostFault extends PlatformFault {
  override readonly name = 'ExecutionLostFault'
}

/** There is an execution of that name: nothing was written. */
export class NameTakenFault extends PlatformFault {
  override readonly name = 'NameTakenFault'
}

/** Where all that happens to executions is written: state, history, tokens and messages, many executions in one commit. */
export interface ExecutionJournal {
  /**
   * Resolves when the entry is durable. Rejects with an ExecutionLostFault or a NameTakenFault, and where as many executions
   * are open as may be with a ThrottleFault.
   */
  write(entry: ExecutionEntry): Promise<void>
  stop(): Promise<void>
}

export interface ExecutionJournalOptions {
  readonly connect: () => Promise<Client>
  /** How many Standard executions of an account may be open in a region. */
  readonly openExecutionLimit: number
  /** Called after each commit with the topics it wrote to. */
  readonly wake: (topics: ReadonlySet<string>, transactionId: bigint) => void
  readonly onRetry: (error: Error) => void
}

/** As many definitions are remembered as written. */
const REMEMBERED_DEFINITIONS = 10_000

export function createExecutionJournal(options: ExecutionJournalOptions): ExecutionJournal {
  const { connect, openExecutionLimit, wake, onRetry } = options
  const kept = new Set<string>()

  async function write(client: Client, entries: readonly ExecutionEntry[]): Promise<BatchWritten<ExecutionEntry>> {
    const created = entries.flatMap(({ created: row }) => row ?? [])
    const definitions = new Map(
      created
        .filter(({ definitionSha256 }) => !kept.has(definitionSha256.toString('hex')))
        .map(({ definitionSha256, definition }) => [
          definitionSha256.toString('hex'),
          { sha256: definitionSha256, definition },
        ]),
    )
    const moves = entries.map(({ moved }) => moved)
    const charges = entries.flatMap(({ charge }) => charge ?? [])
    const [counters, open, , begun, ...moved] = await settleAll([
      run(client, countTransitions, transitionCounts(charges)),
      run(client, countOpenExecutions, openChanges(entries)),
      run(client, insertDefinitions, [...definitions.values()]),
      run(client, insertExecutions, created),
      run(client, moveExecutions, movesTo(moves, 'RUNS')),
      run(client, restExecutions, movesTo(moves, 'RESTS')),
      run(client, endExecutions, movesTo(moves, 'ENDED')),
    ])
    const isBegun = new Set(begun.map(({ id }) => id))
    const isMoved = new Set(moved.flat().map(({ id }) => id))
    const refused = new Map<ExecutionEntry, Error>()
    for (const entry of beyondLimit(entries, open, openExecutionLimit)) {
      refused.set(entry, openLimitFault(openExecutionLimit))
    }
    for (const entry of entries) {
      const { executionId: id } = entry
      if (refused.has(entry)) continue
      if (entry.created !== null && !isBegun.has(id)) {
        refused.set(entry, new NameTakenFault(`there is an execution ${entry.created.name} already`))
      } else if (!isMoved.has(id)) {
        refused.set(entry, new ExecutionLostFault(`execution ${id} was taken over by another node`))
      }
    }
    if (refused.size > 0) return { refused, sent: [] }
    const priced = priceExecutions(charges, counters)
    const messages = entries.flatMap((entry) => entry.messages)
    const forgotten = entries.filter(
      ({ moved: { next, sequenceBefore } }) => next.kind !== 'RUNS' && sequenceBefore > 0,
    )
    holdWrites(client)
    const sent = [
      run(
        client,
        insertStimuli,
        entries.flatMap((entry) => entry.stimuli),
      ),
      run(client, deleteStimuli, forgotten),
      run(
        client,
        insertExecutionEvents,
        entries.flatMap(({ events }) => events),
      ),
      run(
        client,
        insertTaskTokens,
        entries.flatMap(({ tokens }) => tokens),
      ),
      run(
        client,
        insertActivityTasks,
        entries.flatMap(({ activityTasks }) => activityTasks),
      ),
      run(
        client,
        deleteTaskTokens,
        entries.flatMap(({ endedTasks }) => endedTasks),
      ),
      run(
        client,
        deleteMessages,
        entries.flatMap(({ taken }) => taken.map((id) => ({ id }))),
      ),
      run(client, insertMessages, messages),
      run(client, wakeExecutions, messages),
      run(client, countItems, itemCounts(entries)),
      run(client, insertExecutionEntries, priced),
      run(client, addSpending, spendingsOf(priced)),
      client.query({ ...announceTopics, values: [encodeTopics(topicsOf(entries))] }),
    ]
    // Who waits for them may never come to it, when the beginning of the transaction has failed already.
    for (const statement of sent) statement.catch(() => undefined)
    return { refused, sent }
  }

  function remember(entries: readonly ExecutionEntry[]): void {
    if (kept.size > REMEMBERED_DEFINITIONS) kept.clear()
    for (const { created } of entries) if (created !== null) kept.add(created.definitionSha256.toString('hex'))
  }

  const group = createGroupCommit<ExecutionEntry>({
    connect,
    write,
    onCommitted: (entries, transactionId) => {
      remember(entries)
      wake(topicsOf(entries), transactionId)
    },
    onRetry,
  })
  return { write: (entry) => group.submit(entry, sizeOf(entry)), stop: group.stop }
}

function movesTo<Kind extends NextOfExecution['kind']>(moves: readonly ExecutionMove[], kind: Kind) {
  type Moved = ExecutionMove & { readonly next: Extract<NextOfExecution, { kind: Kind }> }
  return moves.filter((move): move is Moved => move.next.kind === kind)
}

function spendingsOf(priced: readonly PricedExecution[]) {
  return sumSpending(
    priced.map(({ scope, timestampMs, requestPriceNanoUsd: request, durationPriceNanoUsd: duration }) => ({
      scope,
      timestampMs,
      priceNanoUsd: request + duration,
    })),
  )
}

function itemCounts(entries: readonly ExecutionEntry[]): ItemCount[] {
  const counts = new Map<string, { mapRunId: string; succeeded: number; failed: number }>()
  for (const { itemEnded } of entries) {
    if (itemEnded === null) continue
    const { mapRunId, isSucceeded } = itemEnded
    const count = counts.get(mapRunId) ?? { mapRunId, succeeded: 0, failed: 0 }
    if (isSucceeded) count.succeeded += 1
    else count.failed += 1
    counts.set(mapRunId, count)
  }
  return [...counts.values()].sort((one, other) => (one.mapRunId < other.mapRunId ? -1 : 1))
}

function topicsOf(entries: readonly ExecutionEntry[]): Set<string> {
  const names = new Set<string>()
  for (const { executionId, events, messages, moved, activityTasks, itemEnded, charge } of entries) {
    if (events.length > 0 || moved.next.kind === 'ENDED') names.add(topics.execution(executionId))
    if (messages.length > 0 || (moved.next.kind === 'RESTS' && moved.next.wakeAtMs !== null)) {
      names.add(topics.executions)
    }
    if (activityTasks.length > 0) names.add(topics.activities)
    if (itemEnded !== null) names.add(topics.execution(itemEnded.mapRunId))
    if (charge !== null) names.add(topics.ledger(charge.scope))
  }
  return names
}

async function run<Row, Result extends object>(
  client: Client,
  statement: RowsStatement<Row, Result>,
  rows: readonly Row[],
): Promise<Result[]> {
  if (rows.length === 0) return []
  const { name, text } = statement
  const { rows: results } = await client.query<Result>({ name, text, values: statement.values(rows) })
  return results
}

const ROW_OVERHEAD_BYTES = 200

/** Roughly how much memory an entry holds. */
function sizeOf({ created, moved, stimuli, events }: ExecutionEntry): number {
  const { next } = moved
  const texts = [created?.input, 'snapshot' in next ? next.snapshot : null, ...stimuli.map(({ body }) => body)]
  return (
    ROW_OVERHEAD_BYTES * (2 + stimuli.length + events.length) +
    texts.reduce((sum, text) => sum + (text?.length ?? 0), 0) +
    events.reduce((sum, { details }) => sum + textBytes(details), 0)
  )
}

function textBytes(details: { readonly [member: string]: unknown } | null): number {
  if (details === null) return 0
  return Object.values(details).reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), 0)
}
