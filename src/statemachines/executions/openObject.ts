/**
 * JSON text of an object without its closing brace, for a statement that adds a member. As text and not as jsonb, which
 * has no NUL character.
 */
export function openObject(object: object): string {
  return JSON.stringify(object).slice(0, -1)
}
