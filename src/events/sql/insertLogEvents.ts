import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { LogEventRow } from '../../invocations/journalEntry.ts'

/** Appends log events; the sequence follows the order of the rows. Locks nothing but its own rows. */
export const insertLogEvents = rowsStatement<LogEventRow>(
  'insert_log_events',
  [
    { name: 'function_id', type: 'uuid', of: (row) => row.functionId },
    { name: 'function_name', type: 'text', of: (row) => row.functionName },
    { name: 'version_number', type: 'int', of: (row) => row.versionNumber },
    { name: 'log_stream_name', type: 'text', of: (row) => row.logStreamName },
    { name: 'invocation_id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'timestamp', type: 'timestamptz', of: (row) => isoTime(row.timestampMs) },
    { name: 'source', type: 'text', of: (row) => row.source },
    // PostgreSQL's text cannot hold NUL, which a function may well print.
    { name: 'message', type: 'text', of: (row) => row.message.replaceAll('\0', '\uFFFD') },
  ],
  (rows, names) => `INSERT INTO log_event (${names}) SELECT ${names} FROM ${rows} ORDER BY ordinality`,
)
