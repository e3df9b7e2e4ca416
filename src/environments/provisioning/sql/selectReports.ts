/** The nodes that live at a moment, in the order of their ids. Parameter: now. Takes no locks. */
export const selectLiveNodes = {
  name: 'select_live_nodes',
  text: 'SELECT id FROM node WHERE expires_at > $1 ORDER BY id',
} as const

/** What live nodes have reported of all configs. Parameter: now. Takes no locks. */
export const selectReports = {
  name: 'select_provisioned_reports',
  text: `
    SELECT report.function_id AS "functionId", qualifier, node_id AS "nodeId", version_number AS "versionNumber",
      allocated, available, failure
    FROM provisioned_environment report JOIN node ON node.id = report.node_id
    WHERE node.expires_at > $1`,
} as const
