import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { ChargeRow } from '../../invocations/journalEntry.ts'

/** A charge with its prices. */
export interface PricedCharge extends ChargeRow {
  readonly requestPriceNanoUsd: bigint
  readonly durationPriceNanoUsd: bigint
}

/**
 * Appends ledger entries. The unique key over invocation and attempt refuses a second entry for the same attempt, and
 * with it the whole transaction: nothing is billed twice, whatever else goes wrong. Locks nothing but its own rows.
 */
export const insertLedgerEntries = rowsStatement<PricedCharge>(
  'insert_ledger_entries',
  [
    { name: 'account_id', type: 'bpchar', of: (row) => row.scope.accountId },
    { name: 'region', type: 'text', of: (row) => row.scope.region },
    { name: 'type', type: 'text', of: () => 'INVOCATION' },
    { name: 'timestamp', type: 'timestamptz', of: (row) => isoTime(row.timestampMs) },
    { name: 'function_id', type: 'uuid', of: (row) => row.functionId },
    { name: 'function_name', type: 'text', of: (row) => row.functionName },
    { name: 'version_number', type: 'int', of: (row) => row.versionNumber },
    { name: 'invocation_id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'attempt', type: 'int', of: (row) => row.attempt },
    { name: 'memory_mib', type: 'int', of: (row) => row.memoryMiB },
    { name: 'architecture', type: 'text', of: (row) => row.architecture },
    { name: 'is_provisioned', type: 'boolean', of: (row) => row.isProvisioned },
    { name: 'price_list', type: 'text', of: (row) => row.prices.name },
    { name: 'duration_us', type: 'int', of: (row) => row.durationUs },
    { name: 'billed_ms', type: 'int', of: (row) => row.billedMs },
    { name: 'request_price_nano_usd', type: 'bigint', of: (row) => row.requestPriceNanoUsd },
    { name: 'duration_price_nano_usd', type: 'bigint', of: (row) => row.durationPriceNanoUsd },
  ],
  (rows, names) => `INSERT INTO ledger_entry (${names}) SELECT ${names} FROM ${rows} ORDER BY ordinality`,
)
