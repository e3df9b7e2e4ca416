/** The columns of `function_version v` and of its `function f` as the fields of `VersionRow` and `FunctionOwner`. */
export const VERSION_COLUMNS = `
  v.id, v.function_id AS "functionId", v.number, v.description, v.runtime, v.handler, v.memory_mib AS "memoryMiB",
  v.timeout_seconds AS "timeoutSeconds", v.ephemeral_storage_mib AS "ephemeralStorageMiB", v.environment,
  v.network_access AS "networkAccess",
  v.architecture, v.code_sha256 AS "codeSha256", v.code_size_bytes AS "codeSizeBytes", v.layers,
  v.revision_id AS "revisionId", v.state, v.state_reason AS "stateReason", v.last_modified AS "lastModified",
  v.dead_letter_target_arn AS "deadLetterTargetArn",
  f.account_id AS "accountId", f.region, f.name`
