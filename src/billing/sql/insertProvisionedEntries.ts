import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { ProvisionedCharge } from '../../model/provisionedSlices.ts'

/**
 * Bills slices of provisioned periods, and notes how far the periods are billed. The unique key over period and slice
 * refuses a second entry for the same slice, and with it the whole transaction. Locks nothing but its own rows: the
 * periods are locked by claimUnbilled.ts.
 */
export const insertProvisionedEntries = rowsStatement<ProvisionedCharge>(
  'insert_provisioned_entries',
  [
    { name: 'provisioned_period_id', type: 'uuid', of: (row) => row.period.id },
    { name: 'slice', type: 'int', of: (row) => row.slice },
    { name: 'account_id', type: 'bpchar', of: (row) => row.period.scope.accountId },
    { name: 'region', type: 'text', of: (row) => row.period.scope.region },
    { name: 'type', type: 'text', of: () => 'PROVISIONED_CONCURRENCY' },
    { name: 'timestamp', type: 'timestamptz', of: (row) => isoTime(row.fromMs) },
    { name: 'function_id', type: 'uuid', of: (row) => row.period.functionId },
    { name: 'function_name', type: 'text', of: (row) => row.period.functionName },
    { name: 'version_number', type: 'int', of: (row) => row.period.versionNumber },
    { name: 'memory_mib', type: 'int', of: (row) => row.period.memoryMiB },
    { name: 'architecture', type: 'text', of: (row) => row.period.architecture },
    { name: 'price_list', type: 'text', of: (row) => row.priceList },
    { name: 'duration_us', type: 'int', of: (row) => (row.toMs - row.fromMs) * 1000 },
    { name: 'billed_ms', type: 'int', of: (row) => row.billedMs },
    { name: 'request_price_nano_usd', type: 'bigint', of: () => 0 },
    { name: 'duration_price_nano_usd', type: 'bigint', of: (row) => row.priceNanoUsd },
  ],
  (rows, names) => `INSERT INTO ledger_entry (${names}) SELECT ${names} FROM ${rows} ORDER BY ordinality`,
)

/** Notes how far periods are billed. Locks nothing that claimUnbilled.ts has not locked. */
export const moveBilledUntil = rowsStatement<{ readonly id: string; readonly toMs: number }>(
  'move_billed_until',
  [
    { name: 'id', type: 'uuid', of: (row) => row.id },
    { name: 'billed_until', type: 'timestamptz', of: (row) => isoTime(row.toMs) },
  ],
  (rows) => `
    UPDATE provisioned_period period SET billed_until = input.billed_until
    FROM ${rows} WHERE period.id = input.id`,
)
