import { isoTime, rowsStatement } from '../../db/unnest.ts'
import { DEFAULT_MAXIMUM_EVENT_AGE_MS } from '../../model/queueTransition.ts'
import type { NewQueuedInvocation } from '../journalEntry.ts'

/**
 * Makes invocations claimable, for as long as the event invoke config of their function, version or alias says at this
 * moment. Locks nothing but its own rows: the ids are new, and nobody sees them before commit; the configs are only read.
 */
export const enqueueInvocations = rowsStatement<NewQueuedInvocation>(
  'enqueue_invocations',
  [
    { name: 'id', type: 'uuid', of: (row) => row.id },
    { name: 'account_id', type: 'bpchar', of: (row) => row.scope.accountId },
    { name: 'region', type: 'text', of: (row) => row.scope.region },
    { name: 'function_id', type: 'uuid', of: (row) => row.functionId },
    { name: 'qualifier', type: 'text', of: (row) => row.qualifier ?? '$LATEST' },
    { name: 'due_at', type: 'timestamptz', of: (row) => isoTime(row.dueAtMs) },
  ],
  (rows) => `
    INSERT INTO queued_invocation (id, account_id, region, function_id, due_at, expires_at)
    SELECT input.id, input.account_id, input.region, input.function_id, input.due_at,
           input.due_at + make_interval(secs =>
             coalesce(config.maximum_event_age_seconds, ${DEFAULT_MAXIMUM_EVENT_AGE_MS / 1000}))
    FROM ${rows}
    LEFT JOIN event_invoke_config config
      ON config.function_id = input.function_id AND config.qualifier = input.qualifier`,
)
