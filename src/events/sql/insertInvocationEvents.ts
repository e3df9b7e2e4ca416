import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { InvocationEventRow } from '../../invocations/journalEntry.ts'

/** Appends invocation events; the sequence follows the order of the rows. Locks nothing but its own rows. */
export const insertInvocationEvents = rowsStatement<InvocationEventRow>(
  'insert_invocation_events',
  [
    { name: 'invocation_id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'type', type: 'text', of: (row) => row.type },
    { name: 'timestamp', type: 'timestamptz', of: (row) => isoTime(row.timestampMs) },
    { name: 'attempt', type: 'int', of: (row) => row.attempt },
    { name: 'next_attempt_at', type: 'timestamptz', of: (row) => isoTime(row.nextAttemptAtMs) },
  ],
  (rows, names) => `INSERT INTO invocation_event (${names}) SELECT ${names} FROM ${rows} ORDER BY ordinality`,
)
