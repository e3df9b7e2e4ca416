/**
 * Size of an archive that is stored completely; no row where it is not. Values: sha256 (bytes).
 *
 * Reads without a lock: the row is written once and never changed.
 */
export const selectCodeBlob = {
  name: 'select-code-blob',
  text: `
    SELECT size_bytes AS "sizeBytes"
    FROM code_blob
    WHERE sha256 = $1`,
} as const
