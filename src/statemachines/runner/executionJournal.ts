import type { Client } from 'pg'
import { priceCharges, usageCounts } from '../../billing/priceCharges.ts'
import { priceExecutions, transitionCounts } from '../../billing/priceExecutions.ts'
import { addSpending } from '../../billing/sql/addSpending.ts'
import { countUsage } from '../../billing/sql/countUsage.ts'
import { insertExecutionEntries } from '../../billing/sql/insertExecutionEntries.ts'
import { spendings } from '../../billing/sumSpending.ts'
import { sumUsage } from '../../billing/sumUsage.ts'
import { type BatchPlan, createGroupCommit, type FenceAnswers } from '../../db/groupCommit.ts'
import type { Statement } from '../../db/statementBatch.ts'
import { withRows } from '../../db/unnest.ts'
import { PlatformFault } from '../../errors.ts'
import { announcement, topics } from '../../events/topics.ts'
import * as invocationRows from '../../invocations/journalWrites.ts'
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

  function plan(entries: readonly ExecutionEntry[]): BatchPlan<ExecutionEntry> {
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
    const invocations = invocationsOf(entries)
    const invocationCharges = invocations.map(({ charge }) => charge)
    return {
      fence: [
        ...withRows(countOpenExecutions, openChanges(entries)),
        ...withRows(insertDefinitions, [...definitions.values()]),
        ...withRows(insertExecutions, created),
        ...withRows(moveExecutions, movesTo(moves, 'RUNS')),
        ...withRows(restExecutions, movesTo(moves, 'RESTS')),
        ...withRows(endExecutions, movesTo(moves, 'ENDED')),
        // Last, since what is invoked beside it waits for the same rows.
        ...withRows(countUsage, sumUsage([...usageCounts(invocationCharges), ...transitionCounts(charges)])),
      ],
      decide(answers) {
        const refused = refusals(entries, answers, openExecutionLimit)
        if (refused.size > 0) return { kind: 'REFUSE', refused }
        const counters = answers.of(countUsage)
        const priced = priceExecutions(charges, counters)
        const pricedInvocations = priceCharges(invocationCharges, counters)
        const statements = [
          ...writes(entries),
          ...invocationRows.writesOf(invocations, pricedInvocations),
          ...withRows(insertExecutionEntries, priced),
          ...withRows(addSpending, spendings([...pricedInvocations, ...priced])),
          announcement(topicsOf(entries)),
        ]
        return { kind: 'WRITE', statements }
      },
    }
  }

  function remember(entries: readonly ExecutionEntry[]): void {
    if (kept.size > REMEMBERED_DEFINITIONS) kept.clear()
    for (const { created } of entries) if (created !== null) kept.add(created.definitionSha256.toString('hex'))
  }

  const group = createGroupCommit<ExecutionEntry>({
    connect,
    plan,
    onCommitted: (entries, transactionId) => {
      remember(entries)
      wake(topicsOf(entries), transactionId)
    },
    onRetry,
  })
  return { write: (entry) => group.submit(entry, sizeOf(entry)), stop: group.stop }
}

/** The entries that may not be written, and why. */
function refusals(
  entries: readonly ExecutionEntry[],
  answers: FenceAnswers,
  openExecutionLimit: number,
): Map<ExecutionEntry, Error> {
  const isBegun = new Set(answers.of(insertExecutions).map(({ id }) => id))
  const movers = [moveExecutions, restExecutions, endExecutions]
  const isMoved = new Set(movers.flatMap((statement) => answers.of(statement)).map(({ id }) => id))
  const refused = new Map<ExecutionEntry, Error>()
  for (const entry of beyondLimit(entries, answers.of(countOpenExecutions), openExecutionLimit)) {
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
  return refused
}

/** The statements that write what has become of executions, but for what they are charged. */
function writes(entries: readonly ExecutionEntry[]): Statement[] {
  const messages = entries.flatMap((entry) => entry.messages)
  const forgotten = entries.filter(({ moved: { next, sequenceBefore } }) => next.kind !== 'RUNS' && sequenceBefore > 0)
  return [
    ...withRows(
      insertStimuli,
      entries.flatMap((entry) => entry.stimuli),
    ),
    ...withRows(deleteStimuli, forgotten),
    ...withRows(
      insertExecutionEvents,
      entries.flatMap(({ events }) => events),
    ),
    ...withRows(
      insertTaskTokens,
      entries.flatMap(({ tokens }) => tokens),
    ),
    ...withRows(
      insertActivityTasks,
      entries.flatMap(({ activityTasks }) => activityTasks),
    ),
    ...withRows(
      deleteTaskTokens,
      entries.flatMap(({ endedTasks }) => endedTasks),
    ),
    ...withRows(
      deleteMessages,
      entries.flatMap(({ taken }) => taken.map((id) => ({ id }))),
    ),
    ...withRows(insertMessages, messages),
    ...withRows(wakeExecutions, messages),
    ...withRows(countItems, itemCounts(entries)),
  ]
}

function movesTo<Kind extends NextOfExecution['kind']>(moves: readonly ExecutionMove[], kind: Kind) {
  type Moved = ExecutionMove & { readonly next: Extract<NextOfExecution, { kind: Kind }> }
  return moves.filter((move): move is Moved => move.next.kind === kind)
}

const invocationsOf = (entries: readonly ExecutionEntry[]) => entries.flatMap(({ invocations }) => invocations)

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
  const names = invocationRows.topicsOf(invocationsOf(entries))
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

const ROW_OVERHEAD_BYTES = 200

/** Roughly how much memory an entry holds. */
function sizeOf({ created, moved, stimuli, events, invocations }: ExecutionEntry): number {
  const { next } = moved
  const texts = [created?.input, 'snapshot' in next ? next.snapshot : null, ...stimuli.map(({ body }) => body)]
  return (
    ROW_OVERHEAD_BYTES * (2 + stimuli.length + events.length) +
    texts.reduce((sum, text) => sum + (text?.length ?? 0), 0) +
    events.reduce((sum, { details }) => sum + textBytes(details), 0) +
    invocations.reduce((sum, invocation) => sum + invocationRows.sizeOf(invocation), 0)
  )
}

function textBytes(details: { readonly [member: string]: unknown } | null): number {
  if (details === null) return 0
  return Object.values(details).reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), 0)
}
