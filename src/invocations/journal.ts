import type { Client } from 'pg'
import { priceCharges, usageCounts } from '../billing/priceCharges.ts'
import { addSpending } from '../billing/sql/addSpending.ts'
import { countUsage } from '../billing/sql/countUsage.ts'
import { spendings } from '../billing/sumSpending.ts'
import { type BatchPlan, createGroupCommit, type FenceAnswers, type GroupCommit } from '../db/groupCommit.ts'
import { withRows } from '../db/unnest.ts'
import { PlatformFault } from '../errors.ts'
import { announcement } from '../events/topics.ts'
import type { JournalEntry } from './journalEntry.ts'
import { sizeOf, topicsOf, writesOf } from './journalWrites.ts'
import { cancelInvocations } from './sql/cancelInvocations.ts'
import { completeDeliveries } from './sql/completeDeliveries.ts'
import { completeLeases } from './sql/completeLeases.ts'
import { insertKeys } from './sql/insertKeys.ts'
import { type RequeuedLease, requeueLeases } from './sql/requeueLeases.ts'
import { takeDeadLetters } from './sql/takeDeadLetters.ts'

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
      const priced = priceCharges(charges, answers.of(countUsage))
      const spent = withRows(addSpending, spendings(priced))
      return { kind: 'WRITE', statements: [...writesOf(entries, priced), ...spent, announcement(topicsOf(entries))] }
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
