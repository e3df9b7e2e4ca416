import { UserFault } from '../errors.ts'
import {
  type ConstraintViolation,
  MUST_NOT_BE_NULL,
  mustBeAtLeast,
  mustBeAtMost,
  mustHaveLengthAtLeast,
  mustHaveLengthAtMost,
  mustMatch,
} from './smithyConstraint.ts'
import { versionName } from './version.ts'

/** The share of the traffic that a version shall take, as a request gives it. */
export interface VersionWeight {
  readonly version: string
  readonly weight: number
}

/** An alias as it would be after the operation. */
export interface AliasCandidate {
  /** A number or `$LATEST`. */
  readonly functionVersion: string
  readonly weights: readonly VersionWeight[]
}

const NAME_LENGTH = 128
const VERSION_LENGTH = 1024
const NAME_PATTERN = '(?!^[0-9]+$)([a-zA-Z0-9-_]+)'
const VERSION_PATTERN = '(\\$LATEST(\\.PUBLISHED)?|[0-9]+)'
const WEIGHTED_VERSION_PATTERN = '[0-9]+'
const WEIGHTS_FIELD = ['input', 'routingConfig', 'additionalVersionWeights']

/** What the name of an alias breaks of its shape. Source: recorded facts, no. 69. */
export function aliasNameViolations(name: string): ConstraintViolation[] {
  const violation = (constraint: string) => ({ member: 'name', value: name, constraint, field: ['input', 'name'] })
  const violations: ConstraintViolation[] = []
  if (name.length > NAME_LENGTH) violations.push(violation(mustHaveLengthAtMost(NAME_LENGTH)))
  if (name.length === 0) violations.push(violation(mustHaveLengthAtLeast(1)))
  if (!/^(?!\d+$)[a-zA-Z0-9\-_]+$/.test(name)) violations.push(violation(mustMatch(NAME_PATTERN)))
  return violations
}

/** What the version that an alias shall point to breaks of its shape. */
export function aliasVersionViolations(functionVersion: string): ConstraintViolation[] {
  const field = ['input', 'functionVersion']
  const violation = (constraint: string) => ({ member: 'functionVersion', value: functionVersion, constraint, field })
  const violations: ConstraintViolation[] = []
  if (functionVersion.length > VERSION_LENGTH) violations.push(violation(mustHaveLengthAtMost(VERSION_LENGTH)))
  if (functionVersion.length === 0) violations.push(violation(mustHaveLengthAtLeast(1)))
  if (!/^(?:\$LATEST(?:\.PUBLISHED)?|\d+)$/.test(functionVersion))
    violations.push(violation(mustMatch(VERSION_PATTERN)))
  return violations
}

/** What weights break of the shape of AWS's map. Source: recorded facts, no. 62 and 64. */
export function weightViolations(weights: readonly VersionWeight[]): ConstraintViolation[] {
  const value = `{${weights.map(({ version, weight }) => `${version}=${javaDouble(weight)}`).join(', ')}}`
  const violation = (constraint: string) => ({
    member: 'routingConfig.additionalVersionWeights',
    value,
    constraint,
    field: WEIGHTS_FIELD,
  })
  const violations: ConstraintViolation[] = []
  if (!weights.every(({ version }) => /^\d{1,1024}$/.test(version))) {
    const constraints = [
      mustHaveLengthAtMost(VERSION_LENGTH),
      mustHaveLengthAtLeast(1),
      mustMatch(WEIGHTED_VERSION_PATTERN),
    ]
    violations.push(violation(`Map keys must satisfy constraint: [${constraints.join(', ')}]`))
  }
  if (!weights.every(({ weight }) => weight >= 0 && weight <= 1)) {
    const constraints = [mustBeAtMost('1.0'), mustBeAtLeast('0.0'), MUST_NOT_BE_NULL]
    violations.push(violation(`Map value must satisfy constraint: [${constraints.join(', ')}]`))
  }
  return violations
}

/**
 * The fault of an alias whose parts have the right shapes but do not fit together, or null. Whether its versions exist
 * is for the database to say. Source: recorded facts, no. 60, 61, 63 and 65.
 */
export function aliasFault(candidate: AliasCandidate): UserFault | null {
  const invalid = (message: string) => new UserFault('INVALID_PARAMETER_VALUE', message, WEIGHTS_FIELD)
  const [second, ...more] = candidate.weights
  if (second === undefined) return null
  if (more.length > 0) return invalid('Number of items in AdditionalVersionWeights cannot be greater than 1')
  if (candidate.functionVersion.startsWith('$')) {
    return invalid('$LATEST is not supported for an alias pointing to more than 1 version')
  }
  if (second.version === candidate.functionVersion) {
    const version = candidate.functionVersion
    return invalid(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    )
  }
  return null
}

/** What the choice of a version needs to know of an alias: either both additional fields are null or none. */
export interface WeightedTarget {
  readonly versionNumber: number
  readonly additionalNumber: number | null
  readonly additionalWeight: number | null
}

/**
 * The number of the version that an invocation by this alias runs: the second one for the share `additionalWeight` of
 * all values of `random`, which is in [0, 1), and the main one for the rest.
 */
export function chooseVersion(alias: WeightedTarget, random: number): number {
  if (alias.additionalNumber === null || alias.additionalWeight === null) return alias.versionNumber
  return random < alias.additionalWeight ? alias.additionalNumber : alias.versionNumber
}

/** The candidate that an alias is when nothing of it is changed. */
export function candidateOf(alias: WeightedTarget): AliasCandidate {
  const { versionNumber, additionalNumber, additionalWeight } = alias
  const hasSecond = additionalNumber !== null && additionalWeight !== null
  return {
    functionVersion: versionName(versionNumber),
    weights: hasSecond ? [{ version: versionName(additionalNumber), weight: additionalWeight }] : [],
  }
}

// AWS writes numbers as Java does: 2 is "2.0".
function javaDouble(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value)
}
