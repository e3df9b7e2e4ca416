/** The nodes that live, in the order of their ids. Takes no locks. */
export const selectLiveNodes = {
  name: 'select_live_nodes',
  text: 'SELECT id FROM node WHERE expires_at > now() ORDER BY id',
} as const

/** What live nodes have reported of all configs. Takes no locks. */
export const selectReports = {
  name: 'select_provisioned_reports',
  text: `
    SELECT report.function_id AS "functionId", qualifier, node_id AS "nodeId", version_number AS "versionNumber",
      allocated, available, failure
    FROM provisioned_environment report JOIN node ON node.id = report.node_id
    WHERE node.expires_at > now()`,
} as const
