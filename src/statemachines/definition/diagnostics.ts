/**
 * What is wrong with a definition, in AWS's terms.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
 */

export type Severity = 'ERROR' | 'WARNING'

export type DiagnosticCode =
  | 'INVALID_JSON_DESCRIPTION'
  | 'SCHEMA_VALIDATION_FAILED'
  | 'MISSING_END_STATE'
  | 'MISSING_TRANSITION_TARGET'
  | 'DUPLICATE_STATE_NAME'
  | 'INVALID_STATE_NAME'
  | 'DUPLICATE_LABEL_NAME'
  | 'INVALID_LABEL_NAME'
  | 'TOO_DEEPLY_NESTED'
  | 'INVALID_VARIABLE_NAME'
  | 'RESERVED_VARIABLE_NAME'
  | 'DUPLICATE_VARIABLE_NAME'
  | 'INVALID_JSONATA_EXPRESSION'
  | 'UNSUPPORTED_JSONATA_EXPRESSION'
  | 'NO_DOLLAR'
  | 'NO_PATH'
  | 'PASS_RESULT_IS_STATIC'

export interface Diagnostic {
  readonly severity: Severity
  readonly code: DiagnosticCode
  readonly message: string
  /** `/States/A/Retry[0]/ErrorEquals`, names as they are; null where the fault has no one place. */
  readonly location: string | null
}

/** Collects diagnostics in the order in which they are found. */
export class Report {
  readonly #diagnostics: Diagnostic[] = []

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some(({ severity }) => severity === 'ERROR')
  }

  error(code: DiagnosticCode, message: string, location: string | null): void {
    this.#diagnostics.push({ severity: 'ERROR', code, message, location })
  }

  warning(code: DiagnosticCode, message: string, location: string): void {
    this.#diagnostics.push({ severity: 'WARNING', code, message, location })
  }

  /** A fault of shape, by far the most frequent kind. */
  schema(message: string, location: string): void {
    this.error('SCHEMA_VALIDATION_FAILED', message, location)
  }
}

/** Where a field of an object is: the machine itself is at `/`. */
export function fieldLocation(parent: string, field: string): string {
  return parent === '/' ? `/${field}` : `${parent}/${field}`
}
