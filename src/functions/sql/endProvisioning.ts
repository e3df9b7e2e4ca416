/**
 * Takes away provisioned concurrency configs of a function, with what nodes reported of them, and ends the periods in
 * which environments were allocated for them. Values: function id, qualifier (null: all of the function), now.
 *
 * Runs behind the function's lock, as everything that changes a config does. Locks the configs' rows before the periods,
 * in the order in which a node's report takes them, so a report is either before this or finds no config.
 */
export const endProvisioning = {
  name: 'end-provisioning',
  text: `
    WITH gone AS (
      DELETE FROM provisioned_concurrency_config
      WHERE function_id = $1::uuid AND ($2::text IS NULL OR qualifier = $2)
      RETURNING function_id, qualifier
    ), ended AS (
      UPDATE provisioned_period period SET ended_at = greatest(started_at, $3::timestamptz)
      FROM gone
      WHERE period.function_id = gone.function_id AND period.qualifier = gone.qualifier AND ended_at IS NULL
    )
    SELECT count(*)::int AS count FROM gone`,
} as const
