/**
 * Locks a provisioned concurrency config until the transaction ends. Values: function id, qualifier. No row where there
 * is none.
 *
 * Taken behind the function's and the account's lock by who puts a config, and alone by nodes that report what they have
 * of it: its counts are always the sum of what has been reported, and a report never speaks of a request it does not
 * know. Who holds it waits for no other lock but those of the config's own reports and periods.
 */
export const lockProvisionedConfig = {
  name: 'lock-provisioned-config',
  text: `
    SELECT requested, last_modified AS "lastModified", status, status_reason AS "statusReason", allocated, available
    FROM provisioned_concurrency_config
    WHERE function_id = $1::uuid AND qualifier = $2
    FOR UPDATE`,
} as const
