/**
 * The versions of functions with their revisions as they are now. Parameter: the functions' ids. A function that was
 * deleted has none. Takes no locks.
 */
export const selectRevisions = {
  name: 'select_revisions',
  text: `
    SELECT id, revision_id AS "revisionId" FROM function_version WHERE function_id = ANY($1::uuid[])`,
} as const
