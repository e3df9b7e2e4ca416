import { topics, WAKE_CHANNEL } from '../../events/topics.ts'

/** Wakes all nodes: versions of some function were changed or deleted. Takes no locks; in a transaction of its own. */
export const notifyRevisions = {
  name: 'announce_revisions',
  text: `SELECT pg_notify('${WAKE_CHANNEL}', event_transaction_id()::text || ' ${topics.revisions}')`,
} as const
