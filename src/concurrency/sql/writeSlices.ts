/**
 * Writes this node's slices: those that are empty and unwanted go, the others are as given. Parameters: account, region,
 * node, pools, granted, wanted (arrays of the same length). Under the lock of lockLimits: see there.
 */
export const writeSlices = {
  name: 'write_slices',
  text: `
    WITH input AS (
      SELECT * FROM unnest($4::text[], $5::int[], $6::int[]) AS input(pool, granted, wanted)
    ), gone AS (
      DELETE FROM concurrency_slice slice USING input
      WHERE slice.account_id = $1 AND slice.region = $2 AND slice.node_id = $3 AND slice.pool = input.pool
        AND input.granted = 0 AND input.wanted = 0
    )
    INSERT INTO concurrency_slice (account_id, region, node_id, pool, granted, wanted)
    SELECT $1, $2, $3, pool, granted, wanted FROM input WHERE granted > 0 OR wanted > 0
    ON CONFLICT (account_id, region, pool, node_id) DO UPDATE
    SET granted = excluded.granted, wanted = excluded.wanted`,
} as const
