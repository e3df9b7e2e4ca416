/**
 * Puts labels on a state machine or takes them off. Values: id, labels to add as an object, keys to remove, and how many
 * it may have. No row where it would have more.
 *
 * One statement that reads what it changes: of two at the same time the second waits for the first's row and sees what it
 * wrote (READ COMMITTED evaluates it anew), so that neither loses the other's labels and none is counted twice.
 */
export const changeTags = {
  name: 'change-state-machine-tags',
  text: `
    UPDATE state_machine
    SET tags = (tags || $2::jsonb) - $3::text[]
    WHERE id = $1
      AND (SELECT count(*) FROM jsonb_object_keys((tags || $2::jsonb) - $3::text[])) <= $4
    RETURNING id`,
} as const
