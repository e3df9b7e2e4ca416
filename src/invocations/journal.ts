import type { Client } from 'pg'
import { priceCharges, spendings, usageCounts } from '../billing/priceCharges.ts'
import { addSpending } from '../billing/sql/addSpending.ts'
import { countUsage } from '../billing/sql/countUsage.ts'
import { insertLedgerEntries } from '../billing/sql/insertLedgerEntries.ts'
import { type BatchWritten, createGroupCommit, type GroupCommit } from '../db/groupCommit.ts'
import { holdWrites } from '../db/holdWrites.ts'
import { settleAll } from '../db/settleAll.ts'
import type { RowsStatement } from '../db/unnest.ts'
import { PlatformFault } from '../errors.ts'
import { insertInvocationEvents } from '../events/sql/insertInvocationEvents.ts'
import { insertLogEvents } from '../events/sql/insertLogEvents.ts'
import { insertThrottleEvents } from '../events/sql/insertThrottleEvents.ts'
import { announceTopics, encodeTopics, topics } from '../events/topics.ts'
import type { JournalEntry } from './journalEntry.ts'
import { cancelInvocations } from './sql/cancelInvocations.ts'
import { completeDeliveries } from './sql/completeDeliveries.ts'
import { completeLeases } from './sql/completeLeases.ts'
import { deleteKeys } from './sql/deleteKeys.ts'
import { enqueueInvocations } from './sql/enqueueInvocations.ts'
import { finishInvocations } from './sql/finishInvocations.ts'
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
    write: writeEntries,
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

async function writeEntries(client: Client, entries: readonly JournalEntry[]): Promise<BatchWritten<JournalEntry>> {
  const leases = entries.flatMap(({ lease }) => lease ?? [])
  const charges = entries.flatMap(({ charge }) => charge ?? [])
  const cancellations = entries.flatMap(({ cancellation }) => cancellation ?? [])
  const deliveries = entries.flatMap(({ delivered }) => delivered ?? [])
  const deadLetters = entries.flatMap(({ takenDeadLetter }) => takenDeadLetter ?? [])
  const keys = entries.flatMap(({ key }) => key ?? [])
  const [cancelled, completed, requeued, counters, delivered, taken, keyed] = await settleAll([
    run(client, cancelInvocations, cancellations),
    run(
      client,
      completeLeases,
      leases.filter(({ requeue }) => requeue === null),
    ),
    run(
      client,
      requeueLeases,
      leases.filter((lease): lease is RequeuedLease => lease.requeue !== null),
    ),
    run(client, countUsage, usageCounts(charges)),
    run(client, completeDeliveries, deliveries),
    run(client, takeDeadLetters, deadLetters),
    run(client, insertKeys, keys),
  ])

  const held = new Set([...cancelled, ...completed, ...requeued, ...delivered, ...keyed].map(({ id }) => id))
  const redriven = new Map(taken.map(({ id, redriven_as }) => [id, redriven_as]))
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
  if (refused.size > 0) return { refused, sent: [] }

  const priced = priceCharges(charges, counters)
  const attempts = entries.flatMap(({ attempt }) => attempt ?? [])
  holdWrites(client)
  const sent = [
    run(
      client,
      insertInvocations,
      entries.flatMap(({ newInvocation }) => newInvocation ?? []),
    ),
    run(
      client,
      enqueueInvocations,
      entries.flatMap(({ enqueue }) => enqueue ?? []),
    ),
    run(
      client,
      finishInvocations,
      entries.flatMap(({ finish }) => finish ?? []),
    ),
    run(
      client,
      upsertAttempts,
      attempts.filter(({ outcome }) => outcome === 'RUNNING'),
    ),
    run(
      client,
      upsertAttempts,
      attempts.filter(({ outcome }) => outcome !== 'RUNNING'),
    ),
    run(
      client,
      loseAttempts,
      entries.flatMap(({ lostAttempt }) => lostAttempt ?? []),
    ),
    run(
      client,
      insertLogEvents,
      entries.flatMap(({ logEvents }) => logEvents ?? []),
    ),
    run(
      client,
      insertInvocationEvents,
      entries.flatMap(({ invocationEvents }) => invocationEvents ?? []),
    ),
    run(client, insertLedgerEntries, priced),
    run(client, addSpending, spendings(priced)),
    run(
      client,
      insertThrottleEvents,
      entries.flatMap(({ throttle }) => throttle ?? []),
    ),
    run(
      client,
      insertDeadLetters,
      entries.flatMap(({ deadLetter }) => deadLetter ?? []),
    ),
    run(
      client,
      deleteKeys,
      entries.flatMap(({ releasedKey }) => releasedKey ?? []),
    ),
    run(
      client,
      insertDeliveries,
      entries.flatMap(({ deliveries }) => deliveries ?? []),
    ),
    client.query({ ...announceTopics, values: [encodeTopics(topicsOf(entries))] }),
  ]
  // Who waits for them may never come to it, when the beginning of the transaction has failed already.
  for (const statement of sent) statement.catch(() => undefined)
  return { refused, sent }
}

async function run<Row, Result extends object>(
  client: Client,
  statement: RowsStatement<Row, Result>,
  rows: readonly Row[],
): Promise<Result[]> {
  if (rows.length === 0) return []
  const { rows: results } = await client.query<Result>({
    name: statement.name,
    text: statement.text,
    values: statement.values(rows),
  })
  return results
}

function topicsOf(entries: readonly JournalEntry[]): Set<string> {
  const names = new Set<string>()
  for (const entry of entries) {
    for (const row of entry.logEvents ?? []) {
      names.add(topics.log(row.functionId))
    }
    for (const row of entry.invocationEvents ?? []) names.add(topics.invocation(row.invocationId))
    if (entry.charge !== undefined) names.add(topics.ledger(entry.charge.scope))
    if (entry.throttle !== undefined) names.add(topics.throttles(entry.throttle.scope))
    if (entry.deliveries !== undefined && entry.deliveries.length > 0) names.add(topics.deliveries)
    if (entry.enqueue !== undefined || entry.lease?.requeue != null) names.add(topics.queue)
  }
  return names
}

const ROW_OVERHEAD_BYTES = 200

/** Roughly how much memory an entry holds; only payloads and lines can be large. */
function sizeOf(entry: JournalEntry): number {
  const texts = [entry.newInvocation?.payload, entry.newInvocation?.result, entry.finish?.result]
  const lines = entry.logEvents ?? []
  for (const { body } of entry.deliveries ?? []) texts.push(body)
  return (
    ROW_OVERHEAD_BYTES * (1 + lines.length) +
    texts.reduce((sum, text) => sum + (text?.length ?? 0), 0) +
    lines.reduce((sum, line) => sum + line.message.length, 0)
  )
}
