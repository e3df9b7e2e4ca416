/**
 * Shifts that are to be looked at, each taken on by moving the time of its next look. Values: now, the next look, how many.
 *
 * Locks: the rows until the commit of this one statement; SKIP LOCKED keeps nodes out of each other's way. A node that
 * dies behind it has delayed the shift by one look.
 */
export const claimShifts = {
  name: 'claim-shifts',
  text: `
    WITH due AS (
      SELECT id FROM alias_shift WHERE status = 'RUNNING' AND look_at <= $1 ORDER BY look_at LIMIT $3
      FOR UPDATE SKIP LOCKED
    )
    UPDATE alias_shift shift SET look_at = $2
    FROM due, function f
    WHERE shift.id = due.id AND f.id = shift.function_id
    RETURNING shift.id, f.account_id AS "accountId", f.region, f.name AS "functionName",
      shift.function_id AS "functionId", alias_name AS "aliasName", to_version AS "toVersion",
      first_invocation_id AS "firstInvocationId"`,
} as const

/** When the next shift is to be looked at; null where none runs. Takes no locks. */
export const selectNextShift = {
  name: 'select-next-shift',
  text: `SELECT min(look_at) AS "lookAt" FROM alias_shift WHERE status = 'RUNNING'`,
} as const
