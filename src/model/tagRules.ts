import { UserFault } from '../errors.ts'
import { type NamedValue, repeatedName } from './configurationRules.ts'
import { TAG_COUNT, TAG_KEY_LENGTH, TAG_VALUE_LENGTH } from './functionLimits.ts'
import { type ConstraintViolation, mustHaveLengthAtLeast, mustHaveLengthAtMost } from './smithyConstraint.ts'
import { textFault } from './textRules.ts'

const FIELD = ['input', 'tags']

/** What keys and values of labels break of their lengths. */
export function tagViolations(tags: readonly NamedValue[]): ConstraintViolation[] {
  const shown = `{${tags.map(({ name, value }) => `${name}=${value}`).join(', ')}}`
  const violation = (constraint: string) => ({ member: 'tags', value: shown, constraint, field: FIELD })
  const violations: ConstraintViolation[] = []
  if (tags.some(({ name }) => name.length < 1 || name.length > TAG_KEY_LENGTH)) {
    const constraints = `${mustHaveLengthAtMost(TAG_KEY_LENGTH)}, ${mustHaveLengthAtLeast(1)}`
    violations.push(violation(`Map keys must satisfy constraint: [${constraints}]`))
  }
  if (tags.some(({ value }) => value.length > TAG_VALUE_LENGTH)) {
    violations.push(violation(`Map value must satisfy constraint: [${mustHaveLengthAtMost(TAG_VALUE_LENGTH)}]`))
  }
  return violations
}

/** What is wrong with new labels of right lengths, or null: keys given twice, characters that no table can hold. */
export function tagFault(tags: readonly NamedValue[]): UserFault | null {
  const repeated = repeatedName(tags)
  if (repeated !== null) {
    const message = `The tag key ${repeated} is given more than once. Please give every key once.`
    return new UserFault('INVALID_PARAMETER_VALUE', message, FIELD)
  }
  // Objects of JavaScript lose a property of this name on many ways: better refused than lost.
  if (tags.some(({ name }) => name === '__proto__')) {
    return new UserFault('INVALID_PARAMETER_VALUE', 'The tag key __proto__ cannot be used.', FIELD)
  }
  return tags.map(({ name, value }) => textFault('tags', name + value)).find((fault) => fault !== null) ?? null
}

/** The fault of a function that would have more than 50 labels, or null. Source: recorded facts, no. 172. */
export function tagCountFault(tags: Readonly<Record<string, string>>): UserFault | null {
  return Object.keys(tags).length <= TAG_COUNT ? null : tooManyTagsFault()
}

/** The same, of what has been counted. */
export function tooManyTagsFault(): UserFault {
  return new UserFault('INVALID_PARAMETER_VALUE', 'Number of tags exceeds resource tag limit.', FIELD)
}

/** The fault of a request to add no labels. Source: recorded facts, no. 172. */
export function noTagsFault(): UserFault {
  return new UserFault('INVALID_PARAMETER_VALUE', 'An error occurred and the request cannot be processed.', FIELD)
}
