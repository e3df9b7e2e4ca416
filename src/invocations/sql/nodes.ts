/*
 * Leases of nodes are told by the database's time alone: machines disagree about the time, and a scaled clock is not the same
 * on two nodes. Who asks whether a node lives compares `expires_at` with now() in the same statement.
 */

/**
 * A node announces itself. The same data folder is never used by two processes, so whatever node was there before is
 * dead: its row goes, and its leases are abandoned at once instead of after their expiry.
 * Parameters: node id, instance id, milliseconds until the expiry. Locks the rows of this instance's nodes only.
 */
export const registerNode = {
  name: 'register_node',
  text: `
    WITH dead AS (DELETE FROM node WHERE instance_id = $2)
    INSERT INTO node (id, instance_id, started_at, expires_at)
    VALUES ($1, $2, now(), now() + $3::int * interval '1 millisecond')`,
} as const

/**
 * A node moves its leases' expiry on. Returns a row when they were still valid; none means that the node was given up,
 * or could have been. Parameters: node id, milliseconds until the expiry. Locks this node's own row.
 */
export const renewNode = {
  name: 'renew_node',
  text: `
    UPDATE node SET expires_at = now() + $2::int * interval '1 millisecond'
    WHERE id = $1 AND expires_at > now() RETURNING id`,
} as const

/** A node leaves, and what it held of the concurrency with it (by cascade). Parameter: node id. Locks its row. */
export const removeNode = {
  name: 'remove_node',
  text: 'DELETE FROM node WHERE id = $1',
} as const
