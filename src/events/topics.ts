import type { Statement } from '../db/statementBatch.ts'
import type { Scope } from '../model/records.ts'

/** Names of what can be waited for. A commit wakes the topics it wrote to, on this node and, by NOTIFY, on the others. */
export const topics = {
  log: (functionId: string) => `log:${functionId}`,
  invocation: (invocationId: string) => `invocation:${invocationId}`,
  ledger: (scope: Scope) => `ledger:${scope.accountId}:${scope.region}`,
  throttles: (scope: Scope) => `throttles:${scope.accountId}:${scope.region}`,
  /** The limits or the slices of an account in a region have changed. */
  concurrency: (scope: Scope) => `concurrency:${scope.accountId}:${scope.region}`,
  /** Somebody is billed by another price list than before. */
  prices: 'prices',
  /** A budget has changed. */
  budgets: 'budgets',
  /** An alias of a function is being shifted. */
  shifts: (functionId: string) => `shifts:${functionId}`,
  /** Some alias is. */
  shifter: 'shifter',
  /** Executions: a few hundred topics for all of them, so that a commit of many still fits into a notification. */
  execution: (executionId: string) => `execution:${executionId.slice(-2)}`,
  /** An execution that rests has been woken, or there are messages for one. */
  executions: 'executions',
  /** There is work for the workers of activities. */
  activities: 'activities',
  /** There is something to claim. */
  queue: 'queue',
  /** There is something to send to a destination. */
  deliveries: 'deliveries',
  /** Versions of some function were changed or deleted. */
  revisions: 'revisions',
  /** Other environments are to be started ahead than before. */
  provisioned: 'provisioned',
} as const

/** PostgreSQL's channel for all topics. */
export const WAKE_CHANNEL = 'lambdaql_wake'

/** Stands for all topics where their names would not fit into a notification. */
export const EVERY_TOPIC = '*'

const LONGEST_PAYLOAD_BYTES = 7_000

/** The list of topics as it travels in a notification behind the transaction's id. */
export function encodeTopics(names: ReadonlySet<string>): string {
  const text = [...names].join(' ')
  return Buffer.byteLength(text) > LONGEST_PAYLOAD_BYTES ? EVERY_TOPIC : text
}

/**
 * SQL of a call that announces topics with the present transaction, when that is committed. Takes no locks. `names` is SQL of
 * their list, by spaces: a parameter, or a text in quotes.
 */
export function notifyCall(names: string): string {
  return `pg_notify('${WAKE_CHANNEL}', event_transaction_id()::text || ' ' || ${names})`
}

/** Announces topics with the present transaction, when that is committed. Takes no locks. */
export function announcement(names: ReadonlySet<string>): Statement {
  return {
    name: 'announce_topics',
    text: `SELECT ${notifyCall('$1')}`,
    values: [encodeTopics(names)],
  }
}

/** A notification: which transaction, which topics. Null for one that is not ours. */
export function decodeWake(payload: string): { transactionId: bigint; topics: readonly string[] } | null {
  const [id, ...names] = payload.split(' ')
  return id !== undefined && /^\d{1,18}$/.test(id) ? { transactionId: BigInt(id), topics: names } : null
}
