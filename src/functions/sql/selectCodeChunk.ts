/**
 * One piece of an archive. Values: sha256 (bytes), position.
 *
 * Reads without a lock and outside of a transaction: pieces are written once and never changed, so reading them one by
 * one is as good as reading them at one moment, and no long transaction holds back the event streams.
 */
export const selectCodeChunk = {
  name: 'select-code-chunk',
  text: `
    SELECT bytes
    FROM code_chunk
    WHERE sha256 = $1 AND position = $2`,
} as const
