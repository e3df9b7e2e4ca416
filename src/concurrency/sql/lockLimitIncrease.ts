/**
 * Locks a case until the transaction ends: it is decided once. Parameter: id. Always the first lock of a decision; the
 * limits of its account (lockLimits.ts) come behind it, and nobody takes a case behind those.
 */
export const lockLimitIncrease = {
  name: 'lock_limit_increase',
  text: 'SELECT 1 FROM limit_increase_case WHERE id = $1::uuid FOR UPDATE',
} as const
