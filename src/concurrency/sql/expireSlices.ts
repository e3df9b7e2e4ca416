/**
 * Takes the slices of an account in a region from nodes whose lease has expired. Parameters: account, region, the asking
 * node, which never gives up on itself. Under the lock of lockLimits: see there. A node that comes back after
 * that finds its lease lapsed before it grants anything, and asks anew.
 */
export const expireSlices = {
  name: 'expire_slices',
  text: `
    DELETE FROM concurrency_slice slice USING node
    WHERE slice.account_id = $1 AND slice.region = $2 AND node.id = slice.node_id
      AND node.id <> $3 AND node.expires_at <= now()`,
} as const
