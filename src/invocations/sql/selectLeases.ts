const COLUMNS = `queued.id, queued.node_id, queued.expires_at, queued.attempts, queued.failures, queued.throttles,
  queued.version_number`

/**
 * The leases of nodes that are gone: whose expiry has passed, or that are no longer known. Takes no locks: a lease is
 * ended only through the fence of requeueLeases, so of several nodes that see the same row one succeeds.
 * Parameters: how many, the asking node, which never gives up on itself.
 */
export const selectAbandoned = {
  name: 'select_abandoned',
  text: `
    SELECT ${COLUMNS}
    FROM queued_invocation queued LEFT JOIN node ON node.id = queued.node_id
    WHERE queued.node_id IS NOT NULL AND queued.node_id <> $2
      AND (node.id IS NULL OR node.expires_at <= now())
    ORDER BY queued.id
    LIMIT $1`,
} as const

/**
 * The leases of one node. Takes no locks, for the same reason. Parameter: node id.
 */
export const selectLeasesOfNode = {
  name: 'select_leases_of_node',
  text: `SELECT ${COLUMNS} FROM queued_invocation queued WHERE queued.node_id = $1`,
} as const

/** A row as it is returned. */
export interface LeasedRow {
  readonly id: string
  readonly node_id: string
  readonly expires_at: Date
  readonly attempts: number
  readonly failures: number
  readonly throttles: number
  readonly version_number: number | null
}
