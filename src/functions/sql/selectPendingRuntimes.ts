/**
 * The runtimes that versions wait for. No values. Reads without a lock: a version that turns PENDING later is prepared
 * by whoever made it so.
 */
export const selectPendingRuntimes = {
  name: 'select-pending-runtimes',
  text: `
    SELECT DISTINCT runtime
    FROM function_version
    WHERE state = 'PENDING'`,
} as const
