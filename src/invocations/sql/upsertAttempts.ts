import { isoTime, rowsStatement } from '../../db/unnest.ts'
import type { AttemptRow } from '../journalEntry.ts'

/**
 * Writes attempts: when they begin, and again when they end. The end may be the first that is heard of an attempt
 * (synchronous invocations write only that). A beginning never overwrites an end: within a batch beginnings are
 * written first. Locks the rows by their key; an attempt belongs to one holder of a lease.
 */
export const upsertAttempts = rowsStatement<AttemptRow>(
  'upsert_attempts',
  [
    { name: 'invocation_id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'number', type: 'int', of: (row) => row.number },
    { name: 'outcome', type: 'text', of: (row) => row.outcome },
    { name: 'version_number', type: 'int', of: (row) => row.versionNumber },
    { name: 'node_id', type: 'uuid', of: (row) => row.nodeId },
    { name: 'is_cold_start', type: 'bool', of: (row) => row.isColdStart },
    { name: 'is_provisioned', type: 'bool', of: (row) => row.isProvisioned },
    { name: 'log_stream_name', type: 'text', of: (row) => row.logStreamName },
    { name: 'started_at', type: 'timestamptz', of: (row) => isoTime(row.startedAtMs) },
    { name: 'duration_us', type: 'int', of: (row) => row.durationUs },
    { name: 'init_duration_us', type: 'int', of: (row) => row.initDurationUs },
    { name: 'billed_ms', type: 'int', of: (row) => row.billedMs },
    { name: 'max_memory_mib', type: 'int', of: (row) => row.maxMemoryMiB },
    { name: 'function_error', type: 'text', of: (row) => row.functionError },
  ],
  (rows, names) => `
    INSERT INTO attempt (${names}) SELECT ${names} FROM ${rows}
    ON CONFLICT (invocation_id, number) DO UPDATE
    SET outcome = excluded.outcome, version_number = excluded.version_number, is_cold_start = excluded.is_cold_start,
        is_provisioned = excluded.is_provisioned, log_stream_name = excluded.log_stream_name, started_at = excluded.started_at,
        duration_us = excluded.duration_us, init_duration_us = excluded.init_duration_us,
        billed_ms = excluded.billed_ms, max_memory_mib = excluded.max_memory_mib,
        function_error = excluded.function_error`,
)
