/**
 * Finds a function by its name and locks it with its `$LATEST` until the transaction ends. Values: account, region,
 * name. No row where there is none.
 *
 * The one lock of the control plane: whatever changes a function, its versions, aliases or labels takes it first, so
 * such changes happen one after the other, and each reads what the one before it wrote (READ COMMITTED: the statements
 * behind this one see it). That is why a revision can be compared and then changed, a number given and counted, an
 * alias checked and pointed. `$LATEST` is locked too because the end of a preparation changes its state and revision
 * without the function's lock. Nobody who holds this lock waits for another row, so there is no cycle. Invocations and
 * other readers take no lock and never wait here.
 */
export const lockFunction = {
  name: 'lock-function',
  text: `
    SELECT f.id::text AS id
    FROM function f
    JOIN function_version v ON v.function_id = f.id AND v.number = 0
    WHERE f.account_id = $1 AND f.region = $2 AND f.name = $3
    FOR UPDATE`,
} as const
