import { insertLedgerEntries, type PricedCharge } from '../billing/sql/insertLedgerEntries.ts'
import type { Statement } from '../db/statementBatch.ts'
import { withRows } from '../db/unnest.ts'
import { insertInvocationEvents } from '../events/sql/insertInvocationEvents.ts'
import { insertLogEvents } from '../events/sql/insertLogEvents.ts'
import { insertThrottleEvents } from '../events/sql/insertThrottleEvents.ts'
import { topics } from '../events/topics.ts'
import type { JournalEntry } from './journalEntry.ts'
import { deleteKeys } from './sql/deleteKeys.ts'
import { enqueueInvocations } from './sql/enqueueInvocations.ts'
import { finishInvocations } from './sql/finishInvocations.ts'
import { insertAcceptedBatch } from './sql/insertAcceptedBatch.ts'
import { insertDeadLetters } from './sql/insertDeadLetters.ts'
import { insertDeliveries } from './sql/insertDeliveries.ts'
import { insertInvocations } from './sql/insertInvocations.ts'
import { loseAttempts } from './sql/loseAttempts.ts'
import { upsertAttempts } from './sql/upsertAttempts.ts'

/**
 * The statements that write entries, behind whatever decides whether they may be written. What is spent is left to the
 * caller, who may have more to add to the same rows.
 */
export function writesOf(entries: readonly JournalEntry[], priced: readonly PricedCharge[]): Statement[] {
  const attempts = entries.flatMap(({ attempt }) => attempt ?? [])
  return [
    ...withRows(
      insertInvocations,
      entries.flatMap(({ newInvocation }) => newInvocation ?? []),
    ),
    ...withRows(
      enqueueInvocations,
      entries.flatMap(({ enqueue }) => enqueue ?? []),
    ),
    ...entries.flatMap(({ acceptedBatch }) =>
      acceptedBatch === undefined ? [] : [insertAcceptedBatch(acceptedBatch)],
    ),
    ...withRows(
      finishInvocations,
      entries.flatMap(({ finish }) => finish ?? []),
    ),
    ...withRows(
      upsertAttempts,
      attempts.filter(({ outcome }) => outcome === 'RUNNING'),
    ),
    ...withRows(
      upsertAttempts,
      attempts.filter(({ outcome }) => outcome !== 'RUNNING'),
    ),
    ...withRows(
      loseAttempts,
      entries.flatMap(({ lostAttempt }) => lostAttempt ?? []),
    ),
    ...withRows(
      insertLogEvents,
      entries.flatMap(({ logEvents }) => logEvents ?? []),
    ),
    ...withRows(
      insertInvocationEvents,
      entries.flatMap(({ invocationEvents }) => invocationEvents ?? []),
    ),
    ...withRows(insertLedgerEntries, priced),
    ...withRows(
      insertThrottleEvents,
      entries.flatMap(({ throttle }) => throttle ?? []),
    ),
    ...withRows(
      insertDeadLetters,
      entries.flatMap(({ deadLetter }) => deadLetter ?? []),
    ),
    ...withRows(
      deleteKeys,
      entries.flatMap(({ releasedKey }) => releasedKey ?? []),
    ),
    ...withRows(
      insertDeliveries,
      entries.flatMap(({ deliveries }) => deliveries ?? []),
    ),
  ]
}

/** The topics that wake who waits for entries. */
export function topicsOf(entries: readonly JournalEntry[]): Set<string> {
  const names = new Set<string>()
  for (const entry of entries) {
    for (const row of entry.logEvents ?? []) {
      names.add(topics.log(row.functionId))
    }
    for (const row of entry.invocationEvents ?? []) names.add(topics.invocation(row.invocationId))
    for (const { id } of entry.acceptedBatch?.events ?? []) names.add(topics.invocation(id))
    if (entry.charge !== undefined) names.add(topics.ledger(entry.charge.scope))
    if (entry.throttle !== undefined) names.add(topics.throttles(entry.throttle.scope))
    if (entry.deliveries !== undefined && entry.deliveries.length > 0) names.add(topics.deliveries)
    if (entry.enqueue !== undefined || entry.acceptedBatch !== undefined || entry.lease?.requeue != null)
      names.add(topics.queue)
  }
  return names
}

const ROW_OVERHEAD_BYTES = 200

/** Roughly how much memory an entry holds; only payloads and lines can be large. */
export function sizeOf(entry: JournalEntry): number {
  const texts = [entry.newInvocation?.payload, entry.newInvocation?.result, entry.finish?.result]
  const lines = entry.logEvents ?? []
  for (const { body } of entry.deliveries ?? []) texts.push(body)
  const events = entry.acceptedBatch?.events ?? []
  for (const { payload } of events) texts.push(payload)
  return (
    ROW_OVERHEAD_BYTES * (1 + lines.length + events.length) +
    texts.reduce((sum, text) => sum + (text?.length ?? 0), 0) +
    lines.reduce((sum, line) => sum + line.message.length, 0)
  )
}
