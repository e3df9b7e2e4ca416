/**
 * Says that an archive is stored completely. Values: sha256 (bytes), size and unzipped size in bytes.
 *
 * Written after the commit of the last piece, in a transaction by itself: whoever sees this row sees every piece. It
 * never changes, so a second one for the same archive does nothing.
 */
export const insertCodeBlob = {
  name: 'insert-code-blob',
  text: `
    INSERT INTO code_blob (sha256, size_bytes, unzipped_size_bytes)
    VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING`,
} as const
