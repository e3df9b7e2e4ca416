/**
 * Removes what a node and the dead nodes reported of a config. Values: function id, qualifier, node id.
 * Runs behind the config's lock (see lockProvisionedConfig.ts), which all who write reports take first.
 */
export const deleteReports = {
  name: 'delete-reports',
  text: `
    DELETE FROM provisioned_environment
    WHERE function_id = $1::uuid AND qualifier = $2
      AND (node_id = $3::uuid OR node_id NOT IN (SELECT id FROM node WHERE expires_at > now()))`,
} as const

/** What all nodes together have of a config, by version. Values: function id, qualifier. Behind the config's lock. */
export const sumReports = {
  name: 'sum-reports',
  text: `
    SELECT version_number AS "versionNumber", sum(allocated)::int AS allocated, sum(available)::int AS available,
      max(failure) AS failure
    FROM provisioned_environment
    WHERE function_id = $1::uuid AND qualifier = $2
    GROUP BY version_number`,
} as const
