/**
 * Stores one piece of an archive. Values: sha256 (bytes), position, bytes.
 *
 * A transaction by itself: it holds nobody up, and it takes a lock only on its own new row. Two uploads of the same
 * archive write the same pieces; the later one waits for the earlier one's short transaction and then does nothing. An
 * upload that broke off leaves pieces that the next one of the same archive completes: the SHA-256 is their name, so
 * they can only be the same bytes.
 */
export const insertCodeChunk = {
  name: 'insert-code-chunk',
  text: `
    INSERT INTO code_chunk (sha256, position, bytes)
    VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING`,
} as const
