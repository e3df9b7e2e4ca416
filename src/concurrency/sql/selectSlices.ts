/**
 * The slices of an account in a region, what its functions have reserved and provisioned (objects by function id, null
 * where none has), and how many nodes live. Parameters: account, region. Read under the lock of lockLimits.
 */
export const selectSlices = {
  name: 'select_slices',
  text: `
    SELECT
      (SELECT jsonb_object_agg(id, reserved_concurrency) FROM function
       WHERE account_id = $1 AND region = $2 AND reserved_concurrency IS NOT NULL) AS reserved,
      (SELECT jsonb_object_agg(function_id, requested) FROM (
         SELECT config.function_id, sum(config.requested) AS requested
         FROM provisioned_concurrency_config config JOIN function ON function.id = config.function_id
         WHERE account_id = $1 AND region = $2
         GROUP BY config.function_id
       ) sums) AS provisioned,
      (SELECT count(*)::int FROM node WHERE expires_at > now()) AS live_nodes,
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
         'pool', pool, 'nodeId', node_id, 'granted', granted, 'wanted', wanted)), '[]'::jsonb)
       FROM concurrency_slice WHERE account_id = $1 AND region = $2) AS slices`,
} as const

/** A row as it is returned. */
export interface SlicesRow {
  readonly reserved: Readonly<Record<string, number>> | null
  readonly provisioned: Readonly<Record<string, number>> | null
  readonly live_nodes: number
  readonly slices: readonly {
    readonly pool: string
    readonly nodeId: string
    readonly granted: number
    readonly wanted: number
  }[]
}
