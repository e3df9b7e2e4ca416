import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { NewQueuedInvocation } from '../journalEntry.ts'

/** Makes invocations claimable. Locks nothing but its own rows: the ids are new, and nobody sees them before commit. */
export const enqueueInvocations = rowsStatement<NewQueuedInvocation>(
  'enqueue_invocations',
  [
    { name: 'id', type: 'uuid', of: (row) => row.id },
    { name: 'account_id', type: 'bpchar', of: (row) => row.scope.accountId },
    { name: 'region', type: 'text', of: (row) => row.scope.region },
    { name: 'function_id', type: 'uuid', of: (row) => row.functionId },
    { name: 'due_at', type: 'timestamptz', of: (row) => isoTime(row.dueAtMs) },
    { name: 'expires_at', type: 'timestamptz', of: (row) => isoTime(row.expiresAtMs) },
  ],
  (rows, names) => `INSERT INTO queued_invocation (${names}) SELECT ${names} FROM ${rows}`,
)
