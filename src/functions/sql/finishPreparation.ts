/**
 * Ends the PENDING state of every version with a runtime. Values: runtime, new state, its reason or null.
 *
 * Runs when a runtime has been fetched, or cannot be. Locks the rows it changes in the order of their ids, so that two
 * nodes that do the same at once wait for each other and never in a circle; a change of a function that holds its
 * `$LATEST` holds no other row, so it cannot be part of one either. A row that turns PENDING after this statement is
 * the business of the preparation that its change begins after its commit.
 */
export const finishPreparation = {
  name: 'finish-preparation',
  text: `
    UPDATE function_version
    SET state = $2::function_state, state_reason = $3, revision_id = gen_random_uuid()
    WHERE id IN (
      SELECT id FROM function_version WHERE runtime = $1 AND state = 'PENDING' ORDER BY id FOR UPDATE
    ) AND state = 'PENDING'`,
} as const
