import { LAYER_VERSION_COLUMNS } from './layerColumns.ts'

/**
 * One page of the versions of each of many layers, newest first, without those that were deleted. Values: account,
 * region, ids of the layers, the number to go on behind (null: the newest), rows per layer.
 *
 * Reads without a lock, and walks the index of what is present backwards: a page costs its rows, not those before.
 */
export const selectLayerVersionPages = {
  name: 'select-layer-version-pages',
  text: `
    SELECT ${LAYER_VERSION_COLUMNS}
    FROM layer l
    CROSS JOIN LATERAL (
      SELECT * FROM layer_version
      WHERE layer_id = l.id AND deleted_at IS NULL AND ($4::int IS NULL OR number < $4)
      ORDER BY number DESC
      LIMIT $5
    ) v
    WHERE l.account_id = $1 AND l.region = $2 AND l.id = ANY ($3::uuid[])
    ORDER BY v.layer_id, v.number DESC`,
} as const

/**
 * Layer versions by layer and number, without those that were deleted. Values: account, region, ids of the layers,
 * their numbers in the same order. Reads without a lock.
 */
export const selectLayerVersions = {
  name: 'select-layer-versions',
  text: `
    SELECT ${LAYER_VERSION_COLUMNS}
    FROM unnest($3::uuid[], $4::int[]) AS wanted (layer_id, number)
    JOIN layer_version v ON v.layer_id = wanted.layer_id AND v.number = wanted.number AND v.deleted_at IS NULL
    JOIN layer l ON l.id = v.layer_id AND l.account_id = $1 AND l.region = $2`,
} as const

/**
 * What functions keep of layer versions, by name and number, without those that were deleted. Values: account, region,
 * names, their numbers in the same order. Reads without a lock: what is deleted behind it was there when it was chosen.
 */
export const selectUsableLayers = {
  name: 'select-usable-layers',
  text: `
    SELECT l.name, v.number, v.code_sha256 AS "codeSha256", v.code_size_bytes AS "codeSizeBytes",
           b.unzipped_size_bytes AS "unzippedSizeBytes"
    FROM unnest($3::text[], $4::int[]) AS wanted (name, number)
    JOIN layer l ON l.account_id = $1 AND l.region = $2 AND l.name = wanted.name
    JOIN layer_version v ON v.layer_id = l.id AND v.number = wanted.number AND v.deleted_at IS NULL
    JOIN code_blob b ON b.sha256 = v.code_sha256`,
} as const
