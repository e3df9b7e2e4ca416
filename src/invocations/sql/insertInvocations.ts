import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { NewInvocation } from '../journalEntry.ts'

/** Records new invocations. Locks nothing but its own rows: the ids are new. */
export const insertInvocations = rowsStatement<NewInvocation>(
  'insert_invocations',
  [
    { name: 'id', type: 'uuid', of: (row) => row.id },
    { name: 'account_id', type: 'bpchar', of: (row) => row.scope.accountId },
    { name: 'region', type: 'text', of: (row) => row.scope.region },
    { name: 'function_id', type: 'uuid', of: (row) => row.functionId },
    { name: 'function_name', type: 'text', of: (row) => row.functionName },
    { name: 'type', type: 'text', of: (row) => row.type },
    { name: 'qualifier', type: 'text', of: (row) => row.qualifier },
    { name: 'executed_version', type: 'int', of: (row) => row.executedVersion },
    { name: 'status', type: 'text', of: (row) => row.status },
    { name: 'created_at', type: 'timestamptz', of: (row) => isoTime(row.createdAtMs) },
    { name: 'finished_at', type: 'timestamptz', of: (row) => isoTime(row.finishedAtMs) },
    { name: 'payload', type: 'text', of: (row) => row.payload },
    { name: 'client_context', type: 'text', of: (row) => row.clientContext },
    { name: 'result', type: 'text', of: (row) => row.result },
    { name: 'function_error', type: 'text', of: (row) => row.functionError },
    { name: 'source', type: 'text', of: (row) => row.source },
    { name: 'trace_header', type: 'text', of: (row) => row.traceHeader },
    { name: 'redrive_of', type: 'uuid', of: (row) => row.redriveOf },
  ],
  (rows, names) => `INSERT INTO invocation (${names}) SELECT ${names} FROM ${rows}`,
)
