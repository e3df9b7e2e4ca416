import { VERSION_COLUMNS } from '../../../functions/sql/versionColumns.ts'

/**
 * All provisioned concurrency configs of the installation with the versions that they are for now: one row per config
 * and version, two for a weighted alias, in an order that all nodes share.
 *
 * Reads without a lock: one statement sees one moment, and whoever changes something of it wakes the nodes.
 */
export const selectProvisioning = {
  name: 'select_provisioning',
  text: `
    SELECT c.qualifier, c.requested, c.last_modified AS "putAt", c.status, c.status_reason AS "statusReason",
      c.allocated, c.available, a.version_number AS "mainNumber", a.additional_number AS "additionalNumber",
      a.additional_weight AS "additionalWeight", ${VERSION_COLUMNS}
    FROM provisioned_concurrency_config c
    JOIN function f ON f.id = c.function_id
    LEFT JOIN alias a ON a.function_id = f.id AND a.name = c.qualifier
    JOIN function_version v ON v.function_id = f.id AND v.number IN (
      CASE WHEN c.qualifier ~ '^[0-9]+$' THEN c.qualifier::int END, a.version_number, a.additional_number)
    ORDER BY c.function_id, c.qualifier, v.number`,
} as const
