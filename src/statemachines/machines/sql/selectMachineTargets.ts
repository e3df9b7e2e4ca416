/**
 * State machines with what their qualifiers stand for, of many questions in one statement. Values, each an array with one
 * element a question: accounts, regions, names of machines, names of aliases or null, numbers of versions or null.
 *
 * `question` counts from 1. One row per version that may run (two for an alias that divides its traffic), one row without
 * a version where there is none, none where there is no machine. Reads without a lock: one statement sees one moment.
 */
export const selectMachineTargets = {
  name: 'select-machine-targets',
  text: `
    SELECT q.question::int AS question,
           m.id, m.account_id AS "accountId", m.region, m.name, m.type, m.definition, m.role_arn AS "roleArn",
           m.revision_id AS "revisionId", m.logging_level AS "loggingLevel",
           m.include_execution_data AS "includeExecutionData", m.tags, m.last_version_number AS "lastVersionNumber",
           m.created_at AS "createdAt", m.updated_at AS "updatedAt",
           a.version_number AS "mainNumber", a.additional_number AS "additionalNumber",
           a.additional_weight AS "additionalWeight",
           v.number AS "versionNumber", v.definition AS "versionDefinition", v.role_arn AS "versionRoleArn"
    FROM unnest($1::bpchar[], $2::text[], $3::text[], $4::text[], $5::int[])
      WITH ORDINALITY AS q (account_id, region, name, alias, number, question)
    JOIN state_machine m ON m.account_id = q.account_id AND m.region = q.region AND m.name = q.name
    LEFT JOIN state_machine_alias a ON a.state_machine_id = m.id AND a.name = q.alias
    LEFT JOIN state_machine_version v
      ON v.state_machine_id = m.id AND v.number IN (q.number, a.version_number, a.additional_number)`,
} as const
