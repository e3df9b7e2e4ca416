/**
 * Publishes a layer version. Values: id of the layer where it is new, account, region, name, id of the version,
 * description, compatible runtimes, compatible architectures, license or null, sha256 (bytes), size in bytes, time.
 * Returns the layer's id and the version's number.
 *
 * The layer's row is made or counted on, and thereby locked, in the same statement: two that publish at once get two
 * numbers, the one behind the other, and a number that was given is never given again, whatever is deleted.
 */
export const insertLayerVersion = {
  name: 'insert-layer-version',
  text: `
    WITH counted AS (
      INSERT INTO layer (id, account_id, region, name, last_version_number)
      VALUES ($1::uuid, $2, $3, $4, 1)
      ON CONFLICT (account_id, region, name) DO UPDATE SET last_version_number = layer.last_version_number + 1
      RETURNING id, last_version_number
    )
    INSERT INTO layer_version (id, layer_id, number, description, compatible_runtimes, compatible_architectures,
      license_info, code_sha256, code_size_bytes, created_at)
    SELECT $5::uuid, id, last_version_number, $6, $7::text[], $8::text[], $9, $10, $11, $12
    FROM counted
    RETURNING layer_id AS "layerId", number`,
} as const
