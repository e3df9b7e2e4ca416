import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { PricedExecution } from '../priceExecutions.ts'

/**
 * Appends ledger entries of executions. The unique key over execution and redrive refuses a second entry, and with it
 * the whole transaction. Locks nothing but its own rows.
 */
export const insertExecutionEntries = rowsStatement<PricedExecution>(
  'insert_execution_entries',
  [
    { name: 'account_id', type: 'bpchar', of: (row) => row.scope.accountId },
    { name: 'region', type: 'text', of: (row) => row.scope.region },
    { name: 'type', type: 'text', of: (row) => row.type },
    { name: 'timestamp', type: 'timestamptz', of: (row) => isoTime(row.timestampMs) },
    { name: 'execution_id', type: 'uuid', of: (row) => row.executionId },
    { name: 'redrive', type: 'int', of: (row) => row.redrive },
    { name: 'state_machine_name', type: 'text', of: (row) => row.stateMachineName },
    { name: 'transitions', type: 'int', of: (row) => (row.type === 'STATE_TRANSITIONS' ? row.transitions : null) },
    { name: 'memory_mib', type: 'int', of: (row) => row.memoryMiB },
    { name: 'duration_us', type: 'int', of: (row) => row.durationMs * 1000 },
    { name: 'billed_ms', type: 'int', of: (row) => row.billedMs },
    { name: 'request_price_nano_usd', type: 'bigint', of: (row) => row.requestPriceNanoUsd },
    { name: 'duration_price_nano_usd', type: 'bigint', of: (row) => row.durationPriceNanoUsd },
  ],
  (rows, names) => `INSERT INTO ledger_entry (${names}) SELECT ${names} FROM ${rows} ORDER BY ordinality`,
)
