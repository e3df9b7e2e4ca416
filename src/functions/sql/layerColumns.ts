/** The columns of `layer_version v` and of its `layer l` as the fields of `LayerVersionRow`. */
export const LAYER_VERSION_COLUMNS = `
  v.id, v.layer_id AS "layerId", v.number, v.description, v.compatible_runtimes AS "compatibleRuntimes",
  v.compatible_architectures AS "compatibleArchitectures", v.license_info AS "licenseInfo",
  v.code_sha256 AS "codeSha256", v.code_size_bytes AS "codeSizeBytes", v.created_at AS "createdAt",
  l.account_id AS "accountId", l.region, l.name`
