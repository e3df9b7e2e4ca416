import { UserFault } from '../errors.ts'
import type { Scope } from './records.ts'
import {
  type ConstraintViolation,
  constraintMessage,
  mustHaveLengthAtLeast,
  mustHaveLengthAtMost,
  mustMatch,
  refuseViolations,
} from './smithyConstraint.ts'

/** A function as a caller names it: in this account and region, with the qualifier that was asked for. */
export interface FunctionReference {
  readonly name: string
  /** A version's number, an alias's name or `$LATEST`, as it was written; null when none was given. */
  readonly qualifier: string | null
}

/**
 * Which of AWS's two shapes of a function name an operation takes (recorded facts, no. 39, 40 and 42):
 * - `FunctionName`: of what creates and changes; 140 characters, no dots;
 * - `NamespacedFunctionName`: of what reads, invokes and deletes; 256 characters.
 */
export type FunctionNameShape = 'FunctionName' | 'NamespacedFunctionName'

/** The longest name of a function itself, without what may stand before and behind it. */
export const FUNCTION_NAME_LENGTH = 64
const QUALIFIER_LENGTH = 128

const BEFORE_NAME =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?'
const SHAPES: Readonly<Record<FunctionNameShape, { readonly length: number; readonly pattern: string }>> = {
  FunctionName: { length: 140, pattern: `${BEFORE_NAME}([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?` },
  NamespacedFunctionName: {
    length: 256,
    pattern: `${BEFORE_NAME}([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`,
  },
}
const QUALIFIER_PATTERN = '\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+'

// The published patterns number their groups differently, so what they matched is taken apart by this one. Its groups
// are greedy in the same order: "arn:...:function" without more is a function that is named "function" (no. 47).
const PARTS = new RegExp(
  '^(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?' +
    '(?:(?<region>(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\\d):)?' +
    '(?:(?<account>\\d{12}):)?(?:function:)?(?<name>[a-zA-Z0-9\\-_.]+)(?::(?<qualifier>[^:]+))?$',
)
const SHAPE_TESTS: Readonly<Record<FunctionNameShape, RegExp>> = {
  FunctionName: new RegExp(`^(?:${SHAPES.FunctionName.pattern})$`),
  NamespacedFunctionName: new RegExp(`^(?:${SHAPES.NamespacedFunctionName.pattern})$`),
}
const QUALIFIER_TEST = new RegExp(`^(?:${QUALIFIER_PATTERN})$`)

const REFERENCE_FIELD = ['input', 'functionName']
const QUALIFIER_FIELD = ['input', 'qualifier']

/** Where the reference and the qualifier stand in the GraphQL request, for the `field` of faults. */
export interface ReferenceFields {
  readonly functionName: readonly string[]
  readonly qualifier: readonly string[]
}
const INPUT_FIELDS: ReferenceFields = { functionName: REFERENCE_FIELD, qualifier: QUALIFIER_FIELD }

/** What a name, partial ARN or ARN and a qualifier break of their shapes; the qualifier's first (recorded facts, no. 43). */
export function referenceViolations(
  reference: string,
  qualifier: string | null,
  shape: FunctionNameShape,
  fields: ReferenceFields = INPUT_FIELDS,
): ConstraintViolation[] {
  const violations: ConstraintViolation[] = []
  if (qualifier !== null) {
    const breaks = (constraint: string) =>
      violations.push({ member: 'qualifier', value: qualifier, constraint, field: fields.qualifier })
    if (qualifier.length > QUALIFIER_LENGTH) breaks(mustHaveLengthAtMost(QUALIFIER_LENGTH))
    if (qualifier.length === 0) breaks(mustHaveLengthAtLeast(1))
    if (!QUALIFIER_TEST.test(qualifier)) breaks(mustMatch(QUALIFIER_PATTERN))
  }
  const { length, pattern } = SHAPES[shape]
  const breaks = (constraint: string) =>
    violations.push({ member: 'functionName', value: reference, constraint, field: fields.functionName })
  if (reference.length > length) breaks(mustHaveLengthAtMost(length))
  if (reference.length === 0) breaks(mustHaveLengthAtLeast(1))
  if (!SHAPE_TESTS[shape].test(reference)) breaks(mustMatch(pattern))
  return violations
}

/**
 * Reads a name, partial ARN (`function:FN`, `<account>:function:FN`) or ARN, each with or without `:qualifier`, and a
 * qualifier given beside it. Throws, in this order: VALIDATION for what the shapes refuse; RESOURCE_NOT_FOUND for
 * another region; ACCESS_DENIED for another account; INVALID_PARAMETER_VALUE where the two qualifiers differ.
 * Source: recorded facts, no. 38 to 48.
 */
export function parseFunctionReference(
  scope: Scope,
  reference: string,
  qualifier: string | null,
  shape: FunctionNameShape,
  fields: ReferenceFields = INPUT_FIELDS,
): FunctionReference {
  refuseViolations(referenceViolations(reference, qualifier, shape, fields))
  const groups = PARTS.exec(reference)?.groups
  const name = groups?.['name']
  if (name === undefined) throw new RangeError(`the pattern of ${shape} takes what cannot be taken apart: ${reference}`)
  const region = groups?.['region']
  if (region !== undefined && region !== scope.region) {
    const message = `Functions from '${region}' are not reachable in this region ('${scope.region}')`
    throw new UserFault('RESOURCE_NOT_FOUND', message, fields.functionName)
  }
  const account = groups?.['account']
  if (account !== undefined && account !== scope.accountId) {
    const message = `User of account ${scope.accountId} is not authorized to use functions of account ${account}`
    throw new UserFault('ACCESS_DENIED', message, fields.functionName)
  }
  const derived = groups?.['qualifier'] ?? null
  if (derived !== null && qualifier !== null && derived !== qualifier) {
    const message = 'The derived qualifier from the function name does not match the specified qualifier.'
    throw new UserFault('INVALID_PARAMETER_VALUE', message, fields.qualifier)
  }
  return { name, qualifier: qualifier ?? derived }
}

/**
 * The same for operations on a function as a whole: a qualifier is refused, with AWS's words where they are recorded
 * (for tags) or with those that AWS has for reserved concurrency, which is of a whole function too.
 */
export function parseUnqualifiedReference(
  scope: Scope,
  reference: string,
  refusal: string = UNQUALIFIED_ONLY,
  fields: ReferenceFields = INPUT_FIELDS,
): string {
  const { name, qualifier } = parseFunctionReference(scope, reference, null, 'FunctionName', fields)
  if (qualifier !== null) throw new UserFault('INVALID_PARAMETER_VALUE', refusal, fields.functionName)
  return name
}

/** AWS's words for a version or alias where the operation is on a function as a whole. */
export const UNQUALIFIED_ONLY =
  'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. ' +
  'Please specify either a function name or an unqualified function ARN.'

/** AWS's words for a version or alias where only a function can have labels. */
export const TAGS_ON_FUNCTIONS_ONLY =
  'Tags on function aliases and versions are not supported. Please specify a function ARN.'

/**
 * The fault of a name that is too long for a new function, or null. AWS answers it with another code than all other
 * broken constraints (recorded facts, no. 42); everywhere else such a name is simply not found.
 */
export function newNameFault(name: string): UserFault | null {
  if (name.length <= FUNCTION_NAME_LENGTH) return null
  const constraint = mustHaveLengthAtMost(FUNCTION_NAME_LENGTH)
  const violation = { member: 'functionName', value: name, constraint, field: REFERENCE_FIELD }
  return new UserFault('INVALID_PARAMETER_VALUE', constraintMessage([violation]), REFERENCE_FIELD)
}

/** What a qualifier can mean. A number that was never given, `$latest` and `$LATEST.PUBLISHED` are names of no alias. */
export type QualifierTarget =
  | { readonly kind: 'VERSION'; readonly number: number }
  | { readonly kind: 'ALIAS'; readonly name: string }

const LARGEST_VERSION_NUMBER = 2 ** 31 - 1

/** Reads a qualifier; none means `$LATEST`, which is version 0. Aliases never consist of digits only. */
export function qualifierTarget(qualifier: string | null): QualifierTarget {
  if (qualifier === null || qualifier === '$LATEST') return { kind: 'VERSION', number: 0 }
  const number = /^[1-9]\d{0,9}$/.test(qualifier) ? Number(qualifier) : Number.NaN
  return number <= LARGEST_VERSION_NUMBER ? { kind: 'VERSION', number } : { kind: 'ALIAS', name: qualifier }
}
