import { UserFault } from '../errors.ts'

/** One member of a request that breaks a constraint of its type. */
export interface ConstraintViolation {
  /** AWS's name of the member, in camelCase and with dots, for example `ephemeralStorage.size`. */
  readonly member: string
  /** The value as AWS writes it; null where none was given, SENSITIVE where it may not be shown. */
  readonly value: string | null | typeof SENSITIVE
  /** What the value has to be, for example `Member must have value less than or equal to 900`. */
  readonly constraint: string
  /** Path of the GraphQL input field that carries the member. */
  readonly field: readonly string[]
}

/** Stands for a value that no message may repeat: AWS leaves those of environment variables out. */
export const SENSITIVE = Symbol('sensitive')

export const mustHaveLengthAtMost = (length: number) => `Member must have length less than or equal to ${length}`
export const mustHaveLengthAtLeast = (length: number) => `Member must have length greater than or equal to ${length}`
export const mustBeAtMost = (value: number | string) => `Member must have value less than or equal to ${value}`
export const mustBeAtLeast = (value: number | string) => `Member must have value greater than or equal to ${value}`
export const mustMatch = (pattern: string) => `Member must satisfy regular expression pattern: ${pattern}`
export const mustBeOneOf = (values: readonly string[]) => `Member must satisfy enum value set: [${values.join(', ')}]`
export const MUST_NOT_BE_NULL = 'Member must not be null'

/**
 * AWS's text for broken constraints: `1 validation error detected: Value '9' at 'memorySize' failed to satisfy
 * constraint: ...`, and all of them in one message where there are several. Source: recorded facts, no. 7.
 */
export function constraintMessage(violations: readonly ConstraintViolation[]): string {
  const errors = violations.length === 1 ? '1 validation error' : `${violations.length} validation errors`
  return `${errors} detected: ${violations.map(violationText).join('; ')}`
}

/** The fault of a request with broken constraints, or null where there are none. Its field is that of the first. */
export function validationFault(violations: readonly ConstraintViolation[]): UserFault | null {
  const first = violations[0]
  return first === undefined ? null : new UserFault('VALIDATION', constraintMessage(violations), first.field)
}

/** Throws the fault of the broken constraints where there are any. */
export function refuseViolations(violations: readonly ConstraintViolation[]): void {
  const fault = validationFault(violations)
  if (fault !== null) throw fault
}

function violationText({ member, value, constraint }: ConstraintViolation): string {
  const shown = value === SENSITIVE ? 'Value' : value === null ? 'Value null' : `Value '${value}'`
  return `${shown} at '${member}' failed to satisfy constraint: ${constraint}`
}
