import type { Diagnostic } from './diagnostics.ts'

/**
 * The error that CreateStateMachine and UpdateStateMachine answer to a definition with errors: every one of them in
 * one sentence. Null where there is no error; warnings refuse nothing.
 * Recorded: `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ... at /States/A/Resource'`.
 */
export function createStateMachineError(
  diagnostics: readonly Diagnostic[],
): { readonly code: 'InvalidDefinition'; readonly message: string } | null {
  const errors = diagnostics.filter(({ severity }) => severity === 'ERROR')
  if (errors.length === 0) return null
  const sentences = errors.map(({ code, message, location }) => `${code}: ${message} at ${location}`)
  return { code: 'InvalidDefinition', message: `Invalid State Machine Definition: '${sentences.join(', ')}'` }
}
