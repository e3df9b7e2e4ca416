import { LAYER_VERSION_COLUMNS } from './layerColumns.ts'

/**
 * A page of the layers of an account and region in the order of their names, each with its newest version that is
 * compatible with a runtime and an architecture (null: with any). Values: account, region, the name to go on behind
 * (null: the first), runtime, architecture, rows.
 *
 * Reads without a lock. Layers without such a version are passed over: a page may cost those too, but never the versions
 * behind the newest that fits.
 */
export const selectLayers = {
  name: 'select-layers',
  text: `
    SELECT ${LAYER_VERSION_COLUMNS}
    FROM layer l
    CROSS JOIN LATERAL (
      SELECT * FROM layer_version
      WHERE layer_id = l.id AND deleted_at IS NULL
        AND ($4::text IS NULL OR $4 = ANY (compatible_runtimes))
        AND ($5::text IS NULL OR $5 = ANY (compatible_architectures))
      ORDER BY number DESC
      LIMIT 1
    ) v
    WHERE l.account_id = $1 AND l.region = $2 AND ($3::text IS NULL OR l.name > $3)
    ORDER BY l.name
    LIMIT $6`,
} as const

/** The same of one layer, if it has a version. Values: account, region, name. */
export const selectLayer = {
  name: 'select-layer',
  text: `
    SELECT ${LAYER_VERSION_COLUMNS}
    FROM layer l
    JOIN layer_version v ON v.layer_id = l.id AND v.deleted_at IS NULL
    WHERE l.account_id = $1 AND l.region = $2 AND l.name = $3
    ORDER BY v.number DESC
    LIMIT 1`,
} as const
