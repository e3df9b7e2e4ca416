import { notifyCall, topics } from '../../events/topics.ts'

/** Wakes all nodes: versions of some function were changed or deleted. Takes no locks; in a transaction of its own. */
export const notifyRevisions = {
  name: 'announce_revisions',
  text: `SELECT ${notifyCall(`'${topics.revisions}'`)}`,
} as const
