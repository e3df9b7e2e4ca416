import type { Client } from 'pg'
import { priceCharges, spendings, usageCounts } from '../billing/priceCharges.ts'
import { addSpending } from '../billing/sql/addSpending.ts'
import { countUsage } from '../billing/sql/countUsage.ts'
import { insertLedgerEntries, type PricedCharge } from '../billing/sql/insertLedgerEntries.ts'
import { type BatchPlan, createGroupCommit, type FenceAnswers, type GroupCommit } from '../db/groupCommit.ts'
import type { Statement } from '../db/statementBatch.ts'
import { withRows } from '../db/unnest.ts'
import { PlatformFault } from '../errors.ts'
import { insertInvocationEvents } from '../events/sql/insertInvocationEvents.ts'
import { insertLogEvents } from '../events/sql/insertLogEvents.ts'
import { insertThrottleEvents } from '../events/sql/insertThrottleEvents.ts'
import { announcement, topics } from '../events/topics.ts'
import type { JournalEntry } from './journalEntry.ts'
import { cancelInvocations } from './sql/cancelInvocations.ts'
import { completeDeliveries } from './sql/completeDeliveries.ts'
import { completeLeases } from './sql/completeLeases.ts'
import { deleteKeys } from './sql/deleteKeys.ts'
import { enqueueInvocations } from './sql/enqueueInvocations.ts'
import { finishInvocations } from './sql/finishInvocations.ts'
import { insertAcceptedBatch } from './sql/insertAcceptedBatch.ts'
import { insertDeadLetters } from './sql/insertDeadLetters.ts'
import { insertDeliveries } from './sql/insertDeliveries.ts'
import { insertInvocations } from './sql/insertInvocations.ts'
import { insertKeys } from './sql/insertKeys.ts'
import { loseAttempts } from './sql/loseAttempts.ts'
import { type RequeuedLease, requeueLeases } from './sql/requeueLeases.ts'
import { takeDeadLetters } from './sql/takeDeadLetters.ts'
import { upsertAttempts } from './sql/upsertAttempts.ts'

/** The lease was taken over by another node: its outcome belongs to that node now, and nothing was written. */
export class LeaseLostFault extends PlatformFault {
  override readonly name = 'LeaseLostFault'
}

/** The invocation waits no more: it runs or is done, and nothing was written. */
export class NotWaitingFault extends PlatformFault {
  override readonly name = 'NotWaitingFault'
}

/** The delivery or the dead letter is somebody else's doing: nothing was written. */
export class AlreadyTakenFault extends PlatformFault {
  override readonly name = 'AlreadyTakenFault'
}

/** The idempotency key is another invocation's: nothing was written. */
export class KeyTakenFault extends PlatformFault {
  override readonly name = 'KeyTakenFault'
}

/** Where everything that happens to invocations is written: queue, history, logs, ledger and events, in one commit. */
export interface Journal {
  /**
   * Resolves when all rows of the entry are durable. Rejects with a LeaseLostFault where its lease is lost, and with a
   * NotWaitingFault where what it cancels does not wait, with an AlreadyTakenFault where its delivery or dead letter is
   * gone, and with a KeyTakenFault where its idempotency key is taken.
   */
  write(entry: JournalEntry): Promise<void>
  /** How much is waiting to be written, in bytes. */
  pendingBytes(): number
  drain(): Promise<void>
  stop(): Promise<void>
}

export interface JournalOptions {
  readonly connect: () => Promise<Client>
  /** Called after each commit with the topics it wrote to. */
  readonly wake: (topics: ReadonlySet<string>, transactionId: bigint) => void
  readonly onRetry: (error: Error) => void
}

export function createJournal({ connect, wake, onRetry }: JournalOptions): Journal {
  const group: GroupCommit<JournalEntry> = createGroupCommit({
    connect,
    plan: planEntries,
    onCommitted: (entries, transactionId) => wake(topicsOf(entries), transactionId),
    onRetry,
  })
  return {
    write: (entry) => group.submit(entry, sizeOf(entry)),
    pendingBytes: group.pendingBytes,
    drain: group.drain,
    stop: group.stop,
  }
}

/** The statements that write entries; those whose lease, key or the like is another's are refused. */
function planEntries(entries: readonly JournalEntry[]): BatchPlan<JournalEntry> {
  const leases = entries.flatMap(({ lease }) => lease ?? [])
  const charges = entries.flatMap(({ charge }) => charge ?? [])
  return {
    fence: [
      ...withRows(
        cancelInvocations,
        entries.flatMap(({ cancellation }) => cancellation ?? []),
      ),
      ...withRows(
        completeLeases,
        leases.filter(({ requeue }) => requeue === null),
      ),
      ...withRows(
        requeueLeases,
        leases.filter((lease): lease is RequeuedLease => lease.requeue !== null),
      ),
      ...withRows(countUsage, usageCounts(charges)),
      ...withRows(
        completeDeliveries,
        entries.flatMap(({ delivered }) => delivered ?? []),
      ),
      ...withRows(
        takeDeadLetters,
        entries.flatMap(({ takenDeadLetter }) => takenDeadLetter ?? []),
      ),
      ...withRows(
        insertKeys,
        entries.flatMap(({ key }) => key ?? []),
      ),
    ],
    decide(answers) {
      const refused = refusals(entries, answers)
      if (refused.size > 0) return { kind: 'REFUSE', refused }
      return { kind: 'WRITE', statements: writes(entries, priceCharges(charges, answers.of(countUsage))) }
    },
  }
}

/** The entries that may not be written, with what happened to what they stand on. */
function refusals(entries: readonly JournalEntry[], answers: FenceAnswers): Map<JournalEntry, Error> {
  const holders = [cancelInvocations, completeLeases, requeueLeases, completeDeliveries, insertKeys]
  const held = new Set(holders.flatMap((statement) => answers.of(statement)).map(({ id }) => id))
  const redriven = new Map(answers.of(takeDeadLetters).map(({ id, redriven_as }) => [id, redriven_as]))
  const refused = new Map<JournalEntry, Error>()
  for (const entry of entries) {
    const { lease, cancellation, delivered: delivery, takenDeadLetter } = entry
    if (lease !== undefined && !held.has(lease.invocationId)) {
      refused.set(entry, new LeaseLostFault(`invocation ${lease.invocationId} was taken over by another node`))
    }
    if (cancellation !== undefined && !held.has(cancellation.invocationId)) {
      refused.set(entry, new NotWaitingFault(`invocation ${cancellation.invocationId} does not wait any more`))
    }
    if (entry.key !== undefined && !held.has(entry.key.invocationId)) {
      refused.set(entry, new KeyTakenFault('the idempotency key is taken'))
    }
    if (delivery !== undefined && !held.has(delivery.id)) {
      refused.set(entry, new AlreadyTakenFault(`delivery ${delivery.id} was made by somebody else`))
    }
    if (takenDeadLetter !== undefined && redriven.get(takenDeadLetter.invocationId) !== takenDeadLetter.redrivenAs) {
      refused.set(
        entry,
        new AlreadyTakenFault(`dead letter ${takenDeadLetter.invocationId} was taken by somebody else`),
      )
    }
  }
  return refused
}

function writes(entries: readonly JournalEntry[], priced: readonly PricedCharge[]): Statement[] {
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
    ...withRows(addSpending, spendings(priced)),
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
    announcement(topicsOf(entries)),
  ]
}

function topicsOf(entries: readonly JournalEntry[]): Set<string> {
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
function sizeOf(entry: JournalEntry): number {
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
