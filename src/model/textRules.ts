import { UserFault } from '../errors.ts'

/**
 * The fault of a text that PostgreSQL and process environments cannot hold, or null: one with a NUL character or with
 * half of a surrogate pair.
 */
export function textFault(field: string, text: string | undefined): UserFault | null {
  if (text === undefined || isStorableText(text)) return null
  const message = `The value of ${field} has a NUL character or a broken surrogate pair. Please give plain Unicode text.`
  return new UserFault('INVALID_PARAMETER_VALUE', message, ['input', field])
}

/** Whether a text is well-formed Unicode without NUL. */
export function isStorableText(text: string): boolean {
  // With the u flag, only surrogates without their other half match.
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text)
}
