import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { NewDelivery } from '../journalEntry.ts'

/** Puts deliveries into the outbox, due at once. Locks nothing but its own rows: the ids are new. */
export const insertDeliveries = rowsStatement<NewDelivery>(
  'insert_deliveries',
  [
    { name: 'id', type: 'uuid', of: (row) => row.id },
    { name: 'account_id', type: 'bpchar', of: (row) => row.scope.accountId },
    { name: 'region', type: 'text', of: (row) => row.scope.region },
    { name: 'invocation_id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'function_id', type: 'uuid', of: (row) => row.functionId },
    { name: 'function_name', type: 'text', of: (row) => row.functionName },
    { name: 'purpose', type: 'text', of: (row) => row.purpose },
    { name: 'target_arn', type: 'text', of: (row) => row.targetArn },
    { name: 'source_arn', type: 'text', of: (row) => row.sourceArn },
    { name: 'body', type: 'text', of: (row) => row.body },
    { name: 'error_message', type: 'text', of: (row) => row.errorMessage },
    { name: 'trace_header', type: 'text', of: (row) => row.traceHeader },
    { name: 'created_at', type: 'timestamptz', of: (row) => isoTime(row.createdAtMs) },
    { name: 'due_at', type: 'timestamptz', of: (row) => isoTime(row.createdAtMs) },
  ],
  (rows, names) => `INSERT INTO delivery (${names}) SELECT ${names} FROM ${rows}`,
)
